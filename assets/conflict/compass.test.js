import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newStore } from '../live/store.js'
import { compassOf, planeOf, upright } from './compass.js'

const near = (one, other) => assert.ok(Math.abs(one - other) < 1e-6, `${one} is not ${other}`)
const product = (one, other) => one[0] * other[0] + one[1] * other[1]

test('vectors that lie in a plane have their products back', () => {
  const vectors = [
    [1, 0.3],
    [-0.4, 0.8],
    [0.2, -0.5]
  ]
  const gram = vectors.map(one => vectors.map(other => product(one, other)))
  const plane = planeOf(gram)
  gram.forEach((row, i) => row.forEach((entry, j) => near(product(plane[i], plane[j]), entry)))
})

test('opposed gradients and gradients of length 0 have a plane too', () => {
  const plane = planeOf([
    [1, -1],
    [-1, 1]
  ])
  near(product(plane[0], plane[1]), -1)
  assert.deepEqual(
    planeOf([
      [0, 0],
      [0, 0]
    ]),
    [
      [0, 0],
      [0, 0]
    ]
  )
})

test('the first task points to the right and the second upwards', () => {
  const arrows = [
    { task: 0, at: [0, 2] },
    { task: 1, at: [3, 0] },
    { task: null, at: [1, 1] }
  ]
  const turned = upright(arrows)
  near(turned[0].at[0], 2)
  near(turned[0].at[1], 0)
  assert.ok(turned[1].at[1] > 0)
})

const probe = { step: 9, pairs: [[0, 1]], cosine: [-0.5], norm: [1, 2], compass: null, magnitude_similarity: [] }

test('without the logged arrows they are made of norms and cosines, the update of the weights', () => {
  const series = new Map([
    ['weight/a', { x: [5], y: [1] }],
    ['weight/b', { x: [5], y: [0.5] }]
  ])
  const { arrows, exact, kept } = compassOf({ ...newStore(), tasks: ['a', 'b'], series }, probe)
  assert.deepEqual([arrows.length, exact], [3, false])
  near(kept, 1)
  near(product(arrows[0].at, arrows[1].at), -1)
  near(arrows[2].at[0], arrows[0].at[0] + 0.5 * arrows[1].at[0])
})

test('what the run logged is taken as it is', () => {
  const compass = {
    tasks: [0, 1],
    gradients: [
      [1, 0],
      [0, 1]
    ],
    update: [1, 1],
    kept: 0.9
  }
  const { exact, kept, arrows } = compassOf({ ...newStore(), tasks: ['a', 'b'] }, { ...probe, compass })
  assert.deepEqual([exact, kept, arrows.length], [true, 0.9, 3])
})

test('without norms there is no compass', () => {
  const { arrows } = compassOf({ ...newStore(), tasks: ['a', 'b'] }, { ...probe, norm: [null, 1] })
  assert.deepEqual(arrows, [])
})
