// What is said on the wall is what the store holds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { courseOf, sayAngles, sayLosses, sayMetrics, sayMultipliers, saySlack } from './sentences.js'
import { newStore, receive } from './store.js'

const AUC = { name: 'AUC', digits: 3, is_share: true }
const task = (name, position) => ({ name, title: name, color: '#000000', position, dash: 'solid', metric: AUC })
const TASKS = [task('Relevance', 0), task('Click', 1)]
const OPTIONS = { unit: 'relative', constrained: true, stepsUntilBounds: 50, unscaled: false }
const STEPS = Array.from({ length: 30 }, (_, at) => 11 + at)

/** @param {Record<string, number[]>} series on `STEPS` @param {any[]} events */
function run(series, ...events) {
  const store = newStore()
  const tasks = TASKS.map(({ name }) => name)
  const first = { kind: 'stage_started', step: 0, stage: 0, phase: 'main', objective: [tasks[0]], constraints: [] }
  const second = { ...first, step: 10, stage: 1, objective: [tasks[1]], constraints: [tasks[0]] }
  receive(store, {
    offset: 9,
    replace: true,
    events: [
      { kind: 'started', step: 0, tasks, base_loss: [0.5, 2], priority: tasks },
      { ...first, reference_loss: [null, null], bound_train: [null, null] },
      { ...second, reference_loss: [0.4, null], bound_train: [0.42, null] },
      ...events
    ],
    series: Object.fromEntries(Object.entries(series).map(([name, y]) => [name, { x: STEPS.slice(0, y.length), y }]))
  })
  return store
}
const flat = (/** @type {number} */ value) => STEPS.map(() => value)

test('before there is anything to say nothing is said', () => {
  for (const say of [sayMultipliers, sayLosses, saySlack, sayAngles, sayMetrics]) {
    assert.equal(say(newStore(), TASKS, OPTIONS), '')
  }
})

test('a multiplier rises, comes to rest, or is 0', () => {
  const say = (/** @type {number[]} */ values) =>
    sayMultipliers(run({ 'multiplier/Relevance': values }), TASKS, OPTIONS)
  assert.equal(say(flat(1.25)), 'The multiplier of relevance is 1.25, and has come to rest.')
  assert.equal(say(STEPS.map(step => step / 10)), 'The multiplier of relevance is 4, and rising.')
  assert.match(say(flat(0)), /relevance is 0: it does not have to be pushed back/)
  assert.equal(say([1.25]), 'The multiplier of relevance is 1.25.') // one point has no course
})

test('a course is that of the last third', () => {
  assert.equal(courseOf([...flat(0), ...flat(5), ...flat(5)]), 'level')
  assert.equal(courseOf([...flat(9), ...flat(9), ...STEPS.map(step => 9 - step / 10)]), 'falling')
})

test('a promise is kept below the bound, and not above it', () => {
  const say = (/** @type {number} */ value, unit = 'relative') =>
    saySlack(run({ 'violation/Relevance': [value] }), TASKS, { ...OPTIONS, unit })
  assert.equal(say(-0.01), 'On validation rows relevance is 2.5 % within its bound: the promise is kept.')
  assert.match(say(0.01), /2.5 % outside its bound: the promise is not kept now/)
  assert.match(say(0.01, 'metric'), /0.01 points outside/)
})

test('the loss that is told is that of the task that the stage improves', () => {
  const store = run({ 'loss/Click': flat(1), 'loss/Relevance': flat(0.1) })
  assert.match(sayLosses(store, TASKS, OPTIONS), /: click loses 50 % of what always guessing/)
})

test('an angle is called a conflict only beyond two standard errors', () => {
  const say = (/** @type {number} */ cosine, /** @type {number} */ error) =>
    sayAngles(run({}, { kind: 'probed', step: 20, pairs: [[0, 1]], cosine: [cosine], error: [error] }), TASKS, OPTIONS)
  assert.match(say(-0.5, 0.1), /relevance and click stand at 120°: they pull against each other/)
  assert.match(say(-0.1, 0.1), /neither clearly/)
  assert.match(say(0.5, 0.1), /60°: they pull the same way/)
  assert.equal(say(-0.5, 0.9), '') // too noisy to say anything
})

test('quality is told of the most important task and of the one that is improved', () => {
  const event = { kind: 'evaluated', step: 20, phase: 'main', loss: [0.4, 1], metric: [0.71, 0.66], best: true }
  assert.equal(
    sayMetrics(run({}, { ...event, measures: {} }), TASKS, OPTIONS),
    'On validation rows relevance has AUC 0.710, click has AUC 0.660.'
  )
})
