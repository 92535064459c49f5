// The pictures of a run: what each panel draws of a store, where its lines end, and what it says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { palette, usePalette } from '../shared/palette.js'
import { anglePanel, pairsOf } from './angles.js'
import { metricPanel, orderPanel } from './metrics.js'
import { lossPanel, multiplierPanel, slackPanel } from './panels.js'
import { newStore, receive } from './store.js'

usePalette({ ...palette, conflict: '#D55E00', agreement: '#0072B2', satisfied: '#009E73' })

const AUC = { name: 'AUC', digits: 4, is_share: true }
const ERROR = { name: 'RMSE', digits: 3, is_share: false }
const OPTIONS = { unit: 'relative', constrained: true, stepsUntilBounds: 50, unscaled: false }
const THEME = { faint: 0.3, muted: 'grey', border: 'grey', text: 'black' }
const task = (name, position, more = {}) => {
  const metric = position ? ERROR : AUC
  return { name, title: name.toUpperCase(), color: '#00' + position, position, dash: 'solid', metric, ...more }
}
const A = task('a', 0)
const B = task('b', 1)

function run(...events) {
  const store = newStore()
  const started = { kind: 'started', step: 0, tasks: ['a', 'b'], base_loss: [0.5, 2], priority: ['a', 'b'] }
  const first = { kind: 'stage_started', step: 0, stage: 0, phase: 'main', objective: ['a'], constraints: [] }
  const bounds = { reference_loss: [0.4, null], bound_train: [0.42, null] }
  const second = { ...first, ...bounds, step: 10, stage: 1, objective: ['b'], constraints: ['a'] }
  const unbound = { reference_loss: [null, null], bound_train: [null, null] }
  const series = {
    'loss/a': { x: [5, 15], y: [0.5, 0.4] },
    'loss/b': { x: [15], y: [1] },
    'multiplier/a': { x: [15], y: [0.25] },
    'violation/a': { x: [15], y: [-0.02] }
  }
  receive(store, { offset: 9, replace: true, events: [started, { ...first, ...unbound }, second, ...events], series })
  return store
}

const evaluated = (step, metric) => ({
  kind: 'evaluated',
  step,
  phase: 'main',
  loss: [0.4, 1],
  metric,
  measures: {},
  best: true
})

test('losses are shares of what the best constant guess loses, or as they are', () => {
  const shares = lossPanel(run(), [A, B], OPTIONS, THEME)
  assert.deepEqual(
    shares.ends.map(({ y }) => y),
    [0.8, 0.5]
  )
  const raw = lossPanel(run(), [A, B], { ...OPTIONS, unscaled: true }, THEME)
  assert.deepEqual(
    raw.ends.map(({ y }) => y),
    [0.4, 1]
  )
  assert.equal(raw.yaxis.title.text, 'Loss')
})

test('a baseline is drawn by its smoothed line alone', () => {
  const { traces } = lossPanel(run(), [{ ...A, baseline: true }], OPTIONS, THEME)
  assert.equal(traces.length, 1)
})

test('a bound is drawn from its stage on', () => {
  const { traces } = lossPanel(run(), [A], OPTIONS, THEME)
  const bound = traces.find(trace => trace.line?.dash === 'dash')
  assert.deepEqual([bound.x[0], bound.y[0]], [10, 0.84])
})

test('multipliers end where they are now', () => {
  const { ends, takeaway } = multiplierPanel(run(), [A, B], OPTIONS, THEME)
  assert.deepEqual(
    ends.map(({ y }) => y),
    [0.25, null]
  )
  assert.equal(takeaway, 'Multipliers: A 0.25')
})

test('an empty panel says what it waits for', () => {
  const empty = options => multiplierPanel(newStore(), [A], { ...OPTIONS, ...options }, THEME).empty
  assert.equal(empty({}), 'Multipliers begin with the first bound')
  assert.equal(empty({ constrained: false }), 'This method has no multipliers')
  assert.match(multiplierPanel(run(), [A], OPTIONS, THEME).empty, /A is trained alone.*at most 35 steps/s)
  const together = { kind: 'stage_started', step: 0, stage: 0, phase: 'together', objective: ['a', 'b'] }
  const store = newStore()
  const started = { kind: 'started', step: 0, tasks: ['a', 'b'], base_loss: [0.5, 2], priority: ['b', 'a'] }
  receive(store, { offset: 9, replace: true, events: [started, together], series: {} })
  const until = multiplierPanel(store, [A, B], OPTIONS, THEME).empty
  assert.match(until, /together first;<br>what B reaches then becomes its bound.*at most 50 steps/s)
})

test('a violation is a share of the loss of its bound; below zero the bound is kept', () => {
  const { ends, yaxis, takeaway } = slackPanel(run(), [A], OPTIONS, THEME)
  assert.equal(ends[0].y, -5)
  assert.ok(yaxis.range[0] < -5 && yaxis.range[1] > 0)
  assert.match(takeaway, /in per cent: A -5$/)
})

test('a bound on a metric is in its points, and training batches have none', () => {
  const { traces, ends } = slackPanel(run(), [A], { ...OPTIONS, unit: 'metric' }, THEME)
  assert.deepEqual([traces.length, ends[0].y], [1, -0.02])
})

test('each task by its own metric: shares on the axis, other figures on a second one', () => {
  const { ends, yaxis, secondAxis } = metricPanel(run(evaluated(20, [0.8, 1.5])), [A, B], OPTIONS, THEME)
  assert.equal(yaxis.title.text, 'AUC')
  assert.ok(secondAxis)
  assert.deepEqual(
    ends.map(({ y, second, text }) => [y, second, text]),
    [
      [0.8, false, undefined],
      [1.5, true, 'RMSE 1.5']
    ]
  )
})

test('a task without a metric is left out', () => {
  const { traces, secondAxis } = metricPanel(
    run(evaluated(20, [0.8, null])),
    [A, { ...B, metric: null }],
    OPTIONS,
    THEME
  )
  assert.ok(traces.every(trace => trace.line?.color !== B.color))
  assert.equal(secondAxis, null)
})

test('the order of hits is one line of all tasks together', () => {
  const event = { ...evaluated(20, [0.8, null]), measures: { ndcg_at_10: 0.7 } }
  const { ends, yaxis } = orderPanel(run(event), [A], OPTIONS, THEME)
  assert.equal(ends[0].text, 'NDCG 0.7')
  assert.ok(Math.abs(yaxis.range[0] - 0.67) < 1e-9)
})

const probed = (step, cosine, error = 0.1) => ({
  kind: 'probed',
  step,
  pairs: [[0, 1]],
  cosine: [cosine],
  error: [error]
})

test('a probe is clear where the stage improves one of the two and its error leaves something to be said', () => {
  const [{ probes }] = pairsOf(run(probed(20, -0.4), probed(30, 0.2, 0.9)))
  assert.deepEqual(
    probes.map(({ clear }) => clear),
    [true, false]
  )
})

test('pairs that pull against each other are named', () => {
  const opposed = anglePanel(run(probed(20, -0.4)), [A, B], OPTIONS, THEME)
  assert.equal(opposed.takeaway, 'Pulling against each other: A · B')
  const noisy = anglePanel(run(probed(20, -0.4, 0.9)), [A, B], OPTIONS, THEME)
  assert.equal(noisy.takeaway, 'No two tasks clearly pull against each other')
  assert.equal(noisy.ends[0].y, null)
  assert.equal(anglePanel(run(), [A, B], OPTIONS, THEME).takeaway, 'No angle measured yet')
})

test('the angle at which a stage rests is drawn and told where there is one', () => {
  const held = { ...probed(30, 0.1), resting: -0.9, resting_error: 0.05 }
  const drawn = anglePanel(run(probed(20, -0.4), held), [A, B], OPTIONS, THEME)
  assert.deepEqual(drawn.traces.at(-1).y, [-0.9])
  assert.deepEqual(drawn.traces.at(-1).x, [30])
  assert.equal(drawn.takeaway, 'Objective against bounds: 154° (180° at rest)')
})

test('a pair of which one task is hidden is not drawn', () => {
  assert.deepEqual(anglePanel(run(probed(20, -0.4)), [A], OPTIONS, THEME).traces, [])
})
