import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as series from './series.js'
import { newStore } from './store.js'

const A = { name: 'a' }

function stage(start, end, more = {}) {
  const base = { stage: 0, phase: 'main', objective: ['a'], constraints: [], reference_loss: [0.5, null] }
  return { ...base, bound_train: [null, null], start, end, ...more }
}

function storeOf(fields) {
  return { ...newStore(), tasks: ['a', 'b'], base: [0.7, 0.5], step: 100, ...fields }
}

const loss = (x, y) => new Map([['loss/a', { x, y }]])

test('a line is cut where a stage begins', () => {
  const store = storeOf({ stages: [stage(0, 10), stage(10, null)], series: loss([5, 10, 15], [3, 2, 1]) })
  assert.deepEqual(series.pointsOf(store, 'loss', A), { x: [5, 10, 15, 15], y: [3, 2, null, 1] })
})

test('figures of a stage that does not train the task are noise', () => {
  const stages = [stage(0, 10), stage(10, null, { objective: ['b'] })]
  const store = storeOf({ stages, series: loss([5, 15], [3, 1]) })
  assert.deepEqual(series.pointsOf(store, 'loss', A), { x: [5], y: [3] })
})

test('evaluations count from the first stage on that trains the task', () => {
  const stages = [stage(0, 10, { objective: ['b'] }), stage(10, 20), stage(20, null, { phase: 'reference' })]
  const evaluations = [
    { step: 5, phase: 'main' },
    { step: 15, phase: 'main' },
    { step: 25, phase: 'reference' }
  ]
  const found = series.evaluationsOf(storeOf({ stages, evaluations }), A)
  assert.deepEqual(
    found.map(({ step }) => step),
    [15]
  )
})

test('the last value is the last that there is', () => {
  assert.equal(series.lastOf({ x: [1, 2], y: [3, null] }), 3)
  assert.equal(series.lastOf({ x: [], y: [] }), null)
})

test('a value at a step is that of the last point before it', () => {
  const store = storeOf({ series: loss([5, 10], [3, 2]) })
  assert.deepEqual(
    [4, 5, 9, 20].map(step => series.valueAt(store, 'loss/a', step)),
    [null, 3, 3, 2]
  )
  assert.equal(series.valueAt(store, 'loss/none', 5), null)
})

test('a violation is drawn as a share of the loss that its bound was made from', () => {
  const store = storeOf({ stages: [stage(0, null)] })
  assert.equal(series.shareOf(store, 0, 'relative')(0.05, 1), 10)
  assert.equal(series.shareOf(store, 1, 'relative')(0.05, 1), null)
  assert.equal(series.shareOf(store, 0, 'metric')(0.05, 1), 0.05)
})

test('a ratchet moves the bound down from its step on, for the tasks that it holds', () => {
  const moves = [
    { step: 10, bound_train: [0.1, null] },
    { step: 16, bound_train: [0.8, null] }
  ]
  const changes = [{ what: 'tolerances.a', step: 18, old: '0.1', new: '0.2' }]
  const stages = [stage(0, 10, { bound_train: [2, null] }), stage(10, 20, { bound_train: [1, null] })]
  const points = series.boundLine(storeOf({ stages, moves, changes }), 0, 'absolute', value => value)
  assert.deepEqual(points.x, [0, 10, 10, 10, 10, 10, 16, 16, 18, 18, 20, 20])
  assert.deepEqual(points.y, [2, 2, 0.1, 0.1, null, 1, 1, 0.8, 0.8, 0.9, 0.9, null])
})

test('a live edit of the tolerance moves the bound from its step on', () => {
  const changes = [{ what: 'tolerances.a', step: 6, old: '0.1', new: '0.2' }]
  const store = storeOf({ stages: [stage(0, 10, { bound_train: [1, null] })], changes })
  const points = series.boundLine(store, 0, 'relative', value => value)
  assert.deepEqual(points.x, [0, 6, 6, 10, 10])
  assert.deepEqual(points.y, [1, 1, 1.05, 1.05, null])
})

test('a bound on a metric is no line among losses', () => {
  const store = storeOf({ stages: [stage(0, 10, { bound_train: [1, null] })] })
  assert.deepEqual(
    series.boundLine(store, 0, 'metric', value => value),
    { x: [], y: [] }
  )
})

test('what a task reaches alone: the best evaluation of a stage that protects nothing', () => {
  const value = event => event.value
  const evaluations = [
    { step: 2, value: 0.6, best: true },
    { step: 4, value: 0.7, best: false },
    { step: 14, value: 0.9, best: true }
  ]
  const alone = storeOf({ stages: [stage(0, 10), stage(10, null)], evaluations })
  assert.equal(series.singleTask(alone, 0, value), 0.6)
  const protecting = storeOf({ stages: [stage(0, 10, { constraints: ['b'] })], evaluations })
  assert.equal(series.singleTask(protecting, 0, value), null)
})

test('the evaluations that a stage kept', () => {
  const stages = [stage(0, 10, { result: { kept_step: 6 } })]
  const evaluations = [{ step: 4 }, { step: 6 }]
  assert.deepEqual(series.keptOf(storeOf({ stages }), 'a', evaluations), [{ step: 6 }])
})

test('while a run goes on its axis ends at a round number ahead', () => {
  assert.deepEqual(
    [1, 11, 99, 101, 1999].map(step => series.shownEnd(storeOf({ step }))),
    [10, 20, 100, 120, 2000]
  )
  assert.equal(series.shownEnd(storeOf({ step: 97, finished: {} })), 97)
  const reference = stage(40, null, { phase: 'reference' })
  assert.equal(series.shownEnd(storeOf({ stages: [stage(0, 40), reference], finished: {} })), 40)
})

test('the last value of each line in a sentence, baselines left out', () => {
  const points = { x: [1], y: [0.51234] }
  const lines = [
    { task: { title: 'Click' }, points },
    { task: { title: 'Click, baseline', baseline: true }, points },
    { task: { title: 'Cart' }, points: { x: [], y: [] } }
  ]
  assert.equal(series.describeLast(lines), 'Click 0.512')
  assert.equal(series.describeLast([]), 'nothing yet')
})
