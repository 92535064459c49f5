import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isOver, Pulse } from './pulse.js'

const woken = (...states) => {
  let times = 0
  const pulse = new Pulse(() => times++)
  for (const state of states) pulse.hear(state)
  return times
}

test('a run that is over and goes on wakes the page once', () => {
  assert.equal(woken('running', 'stopped', 'stopped', 'queued', 'starting', 'running'), 1)
  assert.equal(woken('crashed', 'running', 'crashed', 'queued'), 2)
})

test('nothing else wakes it', () => {
  assert.equal(woken('queued', 'starting', 'running', 'paused', 'running', 'finished'), 0)
  assert.equal(woken('', 'finished', '', 'finished'), 0)
})

test('another run is no waking of the one before', () => {
  let times = 0
  const pulse = new Pulse(() => times++)
  pulse.hear('finished')
  pulse.forget()
  pulse.hear('running')
  assert.equal(times, 0)
})

test('paused is not over', () => assert.deepEqual(['paused', 'finished', ''].map(isOver), [false, true, false]))
