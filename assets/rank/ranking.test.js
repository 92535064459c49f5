import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movedBy, readTolerance, writtenTolerance } from './ranking.js'

test('a name moves among the others, and not out of the list', () => {
  const order = ['a', 'b', 'c']
  assert.deepEqual(movedBy(order, 'a', 1), ['b', 'a', 'c'])
  assert.deepEqual(movedBy(order, 'c', -2), ['c', 'a', 'b'])
  assert.equal(movedBy(order, 'a', -1), null)
  assert.equal(movedBy(order, 'c', 1), null)
  assert.equal(movedBy(order, 'x', 1), null)
  assert.deepEqual(order, ['a', 'b', 'c'])
})

test('a tolerance is written in the unit of the run, without the noise of a division', () => {
  assert.equal(writtenTolerance(0.07, 100), 7)
  assert.equal(readTolerance(7, 100), 0.07)
})

test('a tolerance is a number, 0 or more', () => {
  assert.equal(readTolerance(0, 100), 0)
  assert.equal(readTolerance(-1, 100), null)
  assert.equal(readTolerance(NaN, 100), null)
})
