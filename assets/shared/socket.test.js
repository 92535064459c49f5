import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeNetwork } from './fakes.test.js'
import { Socket } from './socket.js'

const WAITS = { firstWait: 500, longestWait: 8000 }

function opened(listener = {}) {
  const network = fakeNetwork()
  const heard = []
  const all = { onMessage: message => heard.push(message), ...listener }
  const socket = new Socket(() => '/events?offset=' + heard.length, all, { ...WAITS, ...network.options })
  return { ...network, heard, socket }
}

test('messages are read as JSON, in their order', () => {
  const { heard, last } = opened()
  last().open()
  last().say({ step: 1 })
  last().say({ step: 2 })
  assert.deepEqual(heard, [{ step: 1 }, { step: 2 }])
})

test('after a drop it waits, twice as long after each failed try up to a limit', () => {
  const { clock, last } = opened()
  const waits = [0, 1, 2, 3, 4, 5, 6].map(() => {
    last().drop()
    return clock.ring()
  })
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 8000, 8000])
})

test('once the line is back the waiting begins anew', () => {
  const { clock, last } = opened()
  last().drop()
  clock.ring()
  last().drop()
  clock.ring()
  last().open()
  last().drop()
  assert.equal(clock.ring(), 500)
})

test('the path is asked at each try', () => {
  const { clock, last } = opened()
  last().open()
  last().say({})
  last().drop()
  clock.ring()
  assert.equal(last().path, '/events?offset=1')
})

test('a final code ends it', () => {
  const codes = []
  const { clock, last } = opened({ isFinal: code => code === 4404, onDrop: code => codes.push(code) })
  last().drop(4404)
  assert.deepEqual([codes, clock.timers], [[4404], []])
})

test('closing ends it, also while it waits', () => {
  const one = opened()
  one.socket.close()
  assert.deepEqual([one.sockets.length, one.clock.timers], [1, []])
  const other = opened()
  other.last().drop()
  other.socket.close()
  assert.deepEqual(other.clock.timers, [])
})

test('a restart drops the line and comes back', () => {
  const { clock, socket, sockets, last } = opened()
  last().open()
  socket.restart()
  clock.ring()
  assert.equal(sockets.length, 2)
})
