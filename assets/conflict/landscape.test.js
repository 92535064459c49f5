import assert from 'node:assert/strict'
import { test } from 'node:test'
import { levelLines, nearest, reachable } from './contours.js'
import { boundAt, describeTrajectory, tagsOf } from './trajectories.js'

const AXIS = [-2, -1, 0, 1, 2]
const bowl = (a, b) => AXIS.map(y => AXIS.map(x => (x - a) ** 2 + (y - b) ** 2))
const SURFACE = {
  x: AXIS,
  y: AXIS,
  losses: [bowl(-1, 0), bowl(1, 0)],
  optima: [
    [-1, 0],
    [1, 0]
  ],
  starts: [],
  tolerance: 0.2
}

test('the lines of a level lie where the loss has it', () => {
  const slope = { ...SURFACE, losses: [AXIS.map(() => AXIS.map(x => x)), bowl(1, 0)] }
  const lines = levelLines(slope, 0, 0.25)
  assert.equal(lines.length, AXIS.length - 1)
  assert.ok(lines.flat().every(([x]) => Math.abs(x - 0.25) < 1e-9))
})

test('a level that is not reached has no line', () => assert.deepEqual(levelLines(SURFACE, 0, 1e6), []))

test('the plane of losses reaches a little past what each task loses at the other optimum', () => {
  const { range, points } = reachable(SURFACE)
  assert.ok(Math.abs(range[1] - 1.2 * 4) < 1e-9)
  assert.ok(points.every(([one, other]) => one <= range[1] && other <= range[1]))
  assert.equal(nearest(AXIS, 0.9), 3)
})

const NMT = {
  x: [0, 0, 0, 0],
  y: [0, 0, 0, 0],
  losses: [
    [4, 1, 1.1, 1.2],
    [4, 4, 3, 2]
  ],
  stage: [0, 1, 1, 1],
  multiplier: [0, 0, 0, 0.5]
}

test('a bound holds from the second stage on', () => {
  assert.deepEqual(
    [0, 1, 3].map(step => boundAt(NMT, step, SURFACE)),
    [null, 1.2, 1.2]
  )
  assert.equal(boundAt(undefined, 3, SURFACE), null)
})

test('what the chosen method is doing, in words', () => {
  const method = { kind: 'nmt', title: 'NMT' }
  const say = (step, missing = 0) => describeTrajectory(method, NMT, step, SURFACE, missing)
  assert.match(say(0), /First it lowers task 1 alone\.$/)
  assert.match(say(2), /Multiplier 0: the bound is not reached yet\.$/)
  assert.match(say(3), /walks along the bound/)
  assert.match(say(Infinity, 2), /2 more on the way\.$/)
  assert.equal(describeTrajectory(method, undefined, 0, SURFACE, 0), 'Walking NMT.')
  assert.match(describeTrajectory(method, { ...NMT, problem: 'No.' }, 0, SURFACE, 0), /^NMT: No\.$/)
  assert.equal(describeTrajectory({ kind: 'sum', title: 'Sum' }, NMT, 0, SURFACE, 0), 'Sum: loss 1 4.00, loss 2 4.00.')
})

test('heads that meet carry one tag, heads outside carry none', () => {
  const heads = [
    { head: [10, 10], title: 'A', chosen: false },
    { head: [900, 10], title: 'B', chosen: false },
    { head: [12, 12], title: 'C', chosen: true }
  ]
  const tags = tagsOf(heads, [0, 0, 100, 100])
  assert.deepEqual(
    tags.map(({ names, chosen }) => [names, chosen]),
    [[['C', 'A'], true]]
  )
})
