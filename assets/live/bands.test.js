import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeEdit, stageBands, stageLabels } from './bands.js'
import { fitted } from './layout.js'
import { newStore } from './store.js'

const TASKS = [
  { name: 'click', title: 'Click', color: '#111' },
  { name: 'cart', title: 'Cart', color: '#222' }
]
const stage = (number, start, end, name) => ({
  stage: number,
  phase: 'main',
  objective: [name],
  constraints: [],
  start,
  end
})
const store = { ...newStore(), step: 100, stages: [stage(0, 0, 60, 'click'), stage(1, 60, null, 'cart')] }
const texts = (range, width) => stageLabels(store, TASKS, range, width).map(({ text }) => text)

test('a stage is named in full, by its task or by its number, all alike, as the room allows', () => {
  assert.deepEqual(texts([0, 100], 600), ['improving click', 'improving cart'])
  assert.deepEqual(texts([0, 100], 80), ['click', 'cart'])
  assert.deepEqual(texts([0, 100], 40), ['1', '2'])
})

test('a stage that is zoomed out of sight has no name', () =>
  assert.deepEqual(texts([0, 50], 600), ['improving click']))

test('a name stands in the middle of what is seen of its stage', () => {
  assert.deepEqual(stageLabels(store, TASKS, [20, 100], 600)[0].x, 40)
})

test('a band has the colour of the task that its stage improves', () => {
  const bands = stageBands(store, TASKS, true, {}).filter(({ type }) => type === 'rect')
  assert.deepEqual(
    bands.map(({ fillcolor, x0, x1 }) => [fillcolor, x0, x1]),
    [
      ['#111', 0, 60],
      ['#222', 60, 100]
    ]
  )
  assert.ok(stageBands(store, TASKS, false, {}).every(({ type }) => type === 'line'))
})

test("before the first bound the band is nobody's: grey, and the step that sets the bound is part of it", () => {
  const together = { ...stage(0, 0, 60, 'click'), phase: 'together', objective: ['click', 'cart'] }
  const bound = stage(1, 60, 61, 'click')
  const under = { ...stage(2, 61, null, 'cart'), constraints: ['click'] }
  const begun = { ...newStore(), step: 100, stages: [together, bound, under] }
  const bands = stageBands(begun, TASKS, true, { muted: 'grey' }).filter(({ type }) => type === 'rect')
  assert.deepEqual(
    bands.map(({ fillcolor }) => fillcolor),
    ['grey', '#222']
  )
  assert.deepEqual(
    stageLabels(begun, TASKS, [0, 100], 600).map(({ text }) => text),
    ['all tasks together', 'improving cart']
  )
  assert.deepEqual(
    stageLabels(begun, TASKS, [0, 100], 40).map(({ text }) => text),
    ['1', '2']
  )
  const own = { ...begun, stages: [together, stage(1, 60, 80, 'click'), { ...under, start: 80 }] }
  assert.deepEqual(
    stageLabels(own, TASKS, [0, 100], 900).map(({ text }) => text),
    ['all tasks together', 'improving click', 'improving cart']
  )
})

test('live edits in words', () => {
  const edit = (what, old, now) => describeEdit({ what, old, new: now }, TASKS, 'relative')
  assert.equal(edit('tolerances.click', '0.05', '0.1'), 'Click may lose 5 % → 10 %')
  assert.equal(edit('priority', 'click > cart', 'cart > click'), 'Cart first')
  assert.equal(edit('learning_rate', '0.1', '0.2'), 'learning rate 0.1 → 0.2')
  const absolute = describeEdit({ what: 'tolerances.gone', old: '0.1', new: '0.2' }, TASKS, 'absolute')
  assert.equal(absolute, 'gone may lose 0.1 → 0.2')
})

test('rows by the width, heights so that all five fit the window', () => {
  assert.deepEqual(fitted({ width: 1060, free: 700, panels: 5 }), { rows: 2, height: 328 })
  assert.deepEqual(fitted({ width: 1060, free: 100, panels: 5 }), { rows: 2, height: 215 })
  assert.deepEqual(fitted({ width: 600, free: 2000, panels: 5 }), { rows: 3, height: 430 })
  assert.deepEqual(fitted({ width: 600, free: 2000, panels: 2 }), { rows: 3, height: 300 })
  assert.deepEqual(fitted({ width: 300, free: 700, panels: 5 }), { rows: 5, height: 230 })
})
