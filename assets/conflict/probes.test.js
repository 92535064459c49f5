import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newStore } from '../live/store.js'
import { pairsIn } from './pair_menu.js'
import * as probed from './probes.js'
import { nearestProbe } from './scrubber.js'

const probe = (step, more = {}) => ({
  step,
  pairs: [
    [0, 1],
    [0, 2]
  ],
  cosine: [0.5, -0.5],
  error: [0.1, null],
  norm: [1, 2, 3],
  magnitude_similarity: [],
  transference: [],
  transference_first_order: [],
  layers: {},
  ...more
})

test('probes of stages that train a task alone, to compare with, are left out', () => {
  const stages = [
    { phase: 'main', start: 0 },
    { phase: 'reference', start: 10 }
  ]
  const store = { ...newStore(), stages, probes: [probe(5), probe(6, { pairs: [] }), probe(15)] }
  assert.deepEqual(
    probed.probesOf(store).map(({ step }) => step),
    [5]
  )
})

test('norms are logged for the tasks that were measured, or for all', () => {
  assert.equal(probed.normOf(probe(1), 2), 3)
  const some = probe(1, { pairs: [[0, 2]], norm: [1, 3] })
  assert.deepEqual([probed.normOf(some, 2), probed.normOf(probe(1, { norm: [1] }), 2)], [3, null])
})

test('the similarity of magnitudes is as it was logged, or from the norms', () => {
  assert.equal(probed.similarityOf(probe(1, { magnitude_similarity: [0.7, 0.6] }), 0), 0.7)
  assert.equal(probed.similarityOf(probe(1), 0), 0.8)
  assert.equal(probed.similarityOf(probe(1, { norm: [0, 0, 0] }), 0), null)
})

test('one value of every pair over the probes, or of the chosen pair alone', () => {
  const cosine = (one, which) => one.cosine[which]
  const series = only => probed.pairSeries([probe(1), probe(2)], cosine, (one, which) => one.error[which], only)
  assert.deepEqual(
    series(null).map(({ y }) => y),
    [
      [0.5, 0.5],
      [-0.5, -0.5]
    ]
  )
  assert.deepEqual(
    series([0, 2]).map(({ x, error }) => [x, error]),
    [
      [
        [1, 2],
        [0, 0]
      ]
    ]
  )
})

test('the share of pairs below a limit is of those that are known', () => {
  assert.equal(probed.shareBelow([-0.5, 0.5, null], 0), 0.5)
  assert.equal(probed.shareBelow([null], 0), null)
})

test('directions of transference, and one scale for both pictures', () => {
  const transference = [
    [null, 0.1],
    [-0.2, null]
  ]
  const probes = [
    probe(1, { transference }),
    probe(2, {
      transference: [
        [null, 0.3],
        [null, null]
      ]
    })
  ]
  const found = probed.directionsOf(probes, 'transference', null)
  assert.deepEqual(found, [
    { from: 0, to: 1, values: [0.1, 0.3] },
    { from: 1, to: 0, values: [-0.2, null] }
  ])
  assert.deepEqual(probed.directionsOf(probes, 'transference', [0, 2]), [])
  assert.equal(probed.transferenceScale(probes), 0.2)
  assert.equal(probed.transferenceScale([]), 1e-6)
})

test('at an active bound the cosines between an improved and a held task count', () => {
  const stage = { objective: ['c'], constraints: ['a', 'b'] }
  assert.deepEqual(probed.cosinesAtBound(probe(1), stage, ['a', 'b', 'c'], ['a']), [-0.5])
  assert.match(probed.describeActiveBound(['a'], ['c'], [-0.7]), /It is −0\.70 here: nearly at rest\.$/)
  assert.match(probed.describeActiveBound(['a'], ['c'], []), /the two cancel\.$/)
  assert.match(
    probed.describeActiveBound(['a'], ['c'], [0.0], -0.98),
    /It is −0\.98 here, in the last.*nearly at rest\.$/
  )
})

test('why there is no probe to look at', () => {
  const store = newStore()
  assert.equal(probed.describeWaiting(store, true), 'This run is no longer kept')
  assert.equal(probed.describeWaiting(store, false), 'Waiting for the run to begin')
  assert.match(probed.describeWaiting({ ...store, points: 3 }, false), /No probe yet/)
  assert.match(probed.describeWaiting({ ...store, status: 'failed' }, false), /ended before its first probe/)
  assert.match(probed.describeWaiting({ ...store, finished: {} }, false), /never probed/)
})

test('pairs in their order, each once', () => {
  assert.deepEqual(pairsIn([probe(1), probe(2, { pairs: [[1, 2]] })]), [
    [0, 1],
    [0, 2],
    [1, 2]
  ])
})

test('a click on a step goes to the probe that is nearest', () =>
  assert.equal(nearestProbe([probe(10), probe(20)], 16), 1))
