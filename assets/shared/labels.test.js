import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spread } from './labels.js'

/** @param {number[]} middles @param {number} [tall] */
const labels = (middles, tall = 10) => middles.map(y => ({ y, tall }))

/** @param {{ y: number, tall: number }[]} placed */
const gaps = placed => placed.slice(1).map((label, i) => label.y - label.tall / 2 - (placed[i].y + placed[i].tall / 2))

test('labels that have room stay where they are', () => {
  assert.deepEqual(
    spread(labels([20, 50, 80]), 100).map(({ y }) => y),
    [20, 50, 80]
  )
})

test('labels that meet are moved apart, and none leaves the picture', () => {
  const placed = spread(labels([50, 51, 52, 99, 1]), 100)
  assert.ok(Math.min(...gaps(placed)) >= 2)
  assert.ok(placed.every(({ y, tall }) => y >= tall / 2 && y <= 100 - tall / 2))
})

test('they keep their order from the top down', () => {
  const placed = spread(
    [
      { y: 60, tall: 10, name: 'b' },
      { y: 59, tall: 10, name: 'a' }
    ],
    100
  )
  assert.deepEqual(
    placed.map(({ name }) => name),
    ['a', 'b']
  )
})

test('nothing is nothing', () => assert.deepEqual(spread([], 100), []))
