import assert from 'node:assert/strict'
import { test } from 'node:test'
import { A, B, begin, loss, multiplierAtRest, radius, rests, step } from './pull_model.js'

const LIMITS = [0.4, 0.2, 0.1, 0.05, 0.02]

/** Steps until it rests, at most so many. */
function rest(limit, most = 1500) {
  let state = begin([-0.5, 0.4])
  for (let at = 0; at < most; at++) {
    if (at > 20 && rests(state, limit)) return { state, steps: at }
    state = step(state, limit)
  }
  return { state, steps: most }
}

test('without a limit the second task gets all it wants', () => {
  const { state } = rest(null)
  assert.ok(loss(state.at, B) < 1e-3)
  assert.equal(state.multiplier, 0)
})

test('the multiplier comes to rest at D / √(2ε) − 1, on the circle', () => {
  for (const limit of LIMITS) {
    const { state, steps } = rest(limit)
    assert.ok(steps < 1200, `${limit} took ${steps}`)
    assert.ok(Math.abs(state.multiplier - multiplierAtRest(limit)) < 0.06 * (1 + multiplierAtRest(limit)), `${limit}`)
    assert.ok(Math.abs(Math.hypot(state.at[0] - A[0], state.at[1] - A[1]) - radius(limit)) < 0.02)
  }
})

test('a limit that nothing reaches has no price', () => {
  assert.equal(multiplierAtRest(0.5), 0)
  assert.equal(multiplierAtRest(0.7), 0)
  assert.ok(rest(0.7).state.multiplier < 0.02)
})
