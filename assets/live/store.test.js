// What the browser holds of a run: thinning loses no extreme, and no message is counted twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newStore, receive, stageAt, thin } from './store.js'

const STARTED = {
  kind: 'started',
  step: 0,
  tasks: ['a', 'b'],
  base_loss: [0.7, 0.5],
  priority: ['a', 'b']
}
const STAGE = { kind: 'stage_started', step: 0, stage: 0, phase: 'main', objective: ['a'], constraints: [] }

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i)
const opening = (more = {}) => ({ offset: 10, replace: true, events: [STARTED, STAGE], status: 'running', ...more })
const losses = (x, y) => ({ series: { 'loss/a': { x, y } } })

function held(...messages) {
  const store = newStore()
  for (const message of messages) receive(store, message)
  return store
}

/** Numbers between 0 and 1 that look random and are the same each time. */
function noise(count) {
  let state = 1
  return range(0, count).map(() => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  })
}

test('thinning keeps ends and extremes in order', () => {
  const y = noise(5000)
  y[1234] = 40
  y[4321] = -40 // two spikes of one point each
  const thinned = thin(range(0, 5000), y, 600)
  assert.ok(thinned.x.length <= 600)
  assert.deepEqual(
    thinned.x,
    [...new Set(thinned.x)].toSorted((one, other) => one - other)
  )
  for (const step of [0, 1234, 4321, 4999]) assert.ok(thinned.x.includes(step))
  assert.ok(thinned.x.every((step, i) => thinned.y[i] === y[step]))
})

test('a short series is left alone', () => assert.deepEqual(thin([1, 2], [3, 4], 600), { x: [1, 2], y: [3, 4] }))

test('a long run stays within the limit', () => {
  const store = held(opening({ offset: 1 }))
  for (let begin = 0; begin < 20_000; begin += 500) {
    const x = range(begin + 1, begin + 501)
    receive(store, {
      offset: 2 + begin,
      ...losses(
        x,
        x.map(step => 1 / step)
      )
    })
  }
  const { x } = store.series.get('loss/a')
  assert.ok(x.length <= 1200)
  assert.deepEqual([x[0], x.at(-1), store.points], [1, 20_000, 20_000])
})

test('appended messages join without gap or duplicate', () => {
  const store = held(opening(losses([4, 8], [1, 0.9])), { offset: 20, ...losses([12], [0.8]) })
  assert.deepEqual(store.series.get('loss/a'), { x: [4, 8, 12], y: [1, 0.9, 0.8] })
  assert.equal(store.offset, 20)
})

test('a replacing message forgets what was held', () => {
  const store = held(opening(losses([4, 8], [1, 0.9])), opening({ offset: 15, ...losses([4], [2]) }))
  assert.deepEqual(store.series.get('loss/a'), { x: [4], y: [2] })
  assert.equal(store.stages.length, 1)
})

for (const message of [{ offset: 5 }, { offset: 30, ...losses([4], [2]) }]) {
  test(`a log that was cut back is asked for again: ${JSON.stringify(message)}`, () => {
    const store = held(opening(losses([4, 8], [1, 0.9])))
    assert.deepEqual(receive(store, message), { again: true })
    assert.deepEqual(store.series.get('loss/a'), { x: [4, 8], y: [1, 0.9] })
  })
}

test('smoothing begins anew with each stage', () => {
  const second = { ...STAGE, step: 8, stage: 1 }
  const store = held(opening(losses([4, 8], [1, 1])), { offset: 20, events: [second], ...losses([12, 16], [5, 5]) })
  assert.deepEqual(store.series.get('smooth_loss/a').y, [1, 1, 5, 5])
})

test('smoothing stays between the extremes, and is calmer', () => {
  const y = noise(400)
  const store = held(opening({ offset: 1 }), {
    offset: 2,
    ...losses(
      range(1, 401).map(i => 4 * i),
      y
    )
  })
  const smoothed = store.series.get('smooth_loss/a').y
  assert.ok(Math.min(...y) <= Math.min(...smoothed) && Math.max(...smoothed) <= Math.max(...y))
  const spread = values => Math.max(...values) - Math.min(...values)
  assert.ok(spread(smoothed.slice(50)) < 0.8 * spread(y.slice(50)))
})

test('a step belongs to the stage that began before it', () => {
  const store = held(opening(), { offset: 20, events: [{ ...STAGE, step: 8, stage: 1 }] })
  assert.deepEqual([stageAt(store, 8).stage, stageAt(store, 9).stage, stageAt(store, 0).stage], [0, 1, 0])
  assert.equal(stageAt(newStore(), 3), null)
})

test('a stage ends with its own event, or where the next one begins', () => {
  const finished = { kind: 'stage_finished', step: 6, stage: 0, phase: 'main', kept_step: 5 }
  const one = held(opening(), { offset: 20, events: [finished] })
  assert.deepEqual([one.stages[0].end, one.stages[0].result.kept_step], [6, 5])
  const other = held(opening(), { offset: 20, events: [{ ...STAGE, step: 8, stage: 1 }] })
  assert.deepEqual(
    other.stages.map(({ end }) => end),
    [8, null]
  )
})

test('a message says what it touched', () => {
  const read = receive(newStore(), opening(losses([4], [1])))
  assert.deepEqual(read, { again: false, replaced: true, touched: new Set(['started', 'stage_started', 'loss']) })
})

test('a silent message tells the state alone', () => {
  const store = held(opening(losses([4], [1])), { offset: 10, status: 'paused' })
  assert.deepEqual([store.status, store.points], ['paused', 1])
})
