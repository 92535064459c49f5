import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areaPath, cornersOf } from './areas.js'

test('a lasso has the corners that were drawn, a box has four', () => {
  assert.deepEqual(cornersOf({ lassoPoints: { x: [1, 2, 3], y: [4, 5, 6] } }), [
    [1, 4],
    [2, 5],
    [3, 6]
  ])
  assert.deepEqual(cornersOf({ range: { x: [0, 2], y: [0, 1] } }), [
    [0, 0],
    [2, 0],
    [2, 1],
    [0, 1]
  ])
  assert.deepEqual(cornersOf({}), [])
})

test('an area as a path', () => {
  assert.equal(areaPath(cornersOf({ range: { x: [0, 2], y: [0, 1] } })), 'M0,0L2,0L2,1L0,1Z')
})
