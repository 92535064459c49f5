import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeNetwork } from '../shared/fakes.test.js'
import { Calculator } from './calculator.js'
import { Walks } from './walks.js'

function asked() {
  const network = fakeNetwork()
  const states = []
  const answers = []
  const calculator = new Calculator('/api/geometry', isLost => states.push(isLost), network.options)
  const ask = (slot, given) => calculator.ask(slot, 'directions', given, answer => answers.push(answer))
  return { ...network, calculator, ask, states, answers }
}

test('one request is on the way, and of each kind only the newest waits', () => {
  const { ask, last, answers } = asked()
  last().open()
  for (const x of [1, 2, 3]) ask('directions', { x })
  assert.deepEqual(last().sent, [{ id: 1, name: 'directions', arguments: { x: 1 } }])
  last().say({ id: 1, result: 'one' })
  assert.deepEqual(last().sent.at(-1), { id: 2, name: 'directions', arguments: { x: 3 } })
  last().say({ id: 2, result: 'three' })
  assert.deepEqual(
    answers.map(({ result }) => result),
    ['one', 'three']
  )
})

test('what is asked before the line is there is sent once it is', () => {
  const { ask, last } = asked()
  ask('directions', { x: 1 })
  assert.deepEqual(last().sent, [])
  last().open()
  assert.equal(last().sent.length, 1)
})

test('what was on the way when the line dropped is asked again, unless something newer waits', () => {
  const { ask, clock, last, states } = asked()
  last().open()
  ask('a', { x: 1 })
  ask('a', { x: 2 })
  ask('b', { x: 3 })
  last().drop()
  clock.ring()
  last().open()
  last().say({ id: 2, result: '' })
  assert.deepEqual(
    last().sent.map(request => request.arguments.x),
    [2, 3]
  )
  assert.deepEqual(states, [false, true, false])
})

test('an answer to something else is passed over', () => {
  const { ask, last, answers } = asked()
  last().open()
  ask('a', {})
  last().say({ id: 7, result: '' })
  assert.deepEqual(answers, [])
})

const SURFACE = { x: [-1, 0, 1], y: [-1, 1], starts: [[0.5, 0.5]], tolerance: 0.1 }

function walking() {
  const network = fakeNetwork()
  const heard = []
  const hears = {
    onSurface: () => heard.push('surface'),
    onTrajectory: () => heard.push('trajectory'),
    onState: () => heard.push('state')
  }
  const walks = new Walks('/api/geometry', 240, hears, network.options)
  network.last().open()
  const answer = result => network.last().say({ id: network.last().sent.at(-1).id, result })
  return { ...network, walks, heard, answer }
}

test('a landscape begins at its own first start, unless the address names one', () => {
  const one = walking()
  one.walks.open('bowl', null)
  one.answer(SURFACE)
  assert.deepEqual(one.walks.start, [0.5, 0.5])
  const other = walking()
  other.walks.open('bowl', [0.2, 0])
  other.answer(SURFACE)
  assert.deepEqual(other.walks.start, [0.2, 0])
})

test('a start is kept within the picture', () => {
  const { walks, answer } = walking()
  walks.open('bowl', null)
  answer(SURFACE)
  walks.put([7, -7])
  assert.deepEqual(walks.start, [1, -1])
})

test('a trajectory from a start that has moved meanwhile is passed over', () => {
  const { walks, answer } = walking()
  walks.open('bowl', null)
  answer(SURFACE)
  walks.again(['nmt'])
  walks.put([0, 0])
  answer({ methods: { nmt: { x: [1] } } })
  assert.deepEqual(walks.trajectories, {})
  walks.again(['nmt'])
  answer({ methods: { nmt: { x: [0] } } })
  assert.deepEqual(walks.trajectories.nmt, { x: [0] })
})

test('a problem is kept until the next answer', () => {
  const { walks, last, answer, heard } = walking()
  walks.open('moon', null)
  last().say({ id: 1, problem: 'There is no moon.' })
  assert.deepEqual([walks.problem, heard.at(-1)], ['There is no moon.', 'state'])
  walks.open('bowl', null)
  answer(SURFACE)
  assert.equal(walks.problem, undefined)
})
