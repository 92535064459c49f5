import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from './bench_picture.js'
import { shortenedTo } from './bench.js'
import { sector } from './drawing.js'
import { describeGeometry, effectOf, groupsOf, labelRows } from './geometry.js'

const METHODS = ['a', 'b', 'c'].map(kind => ({ kind, title: kind.toUpperCase() }))

test('methods with nearly one update are one arrow, hidden ones are none', () => {
  const methods = { a: { update: [1, 0] }, b: { update: [1.001, 0] }, c: { update: [0, 1] } }
  const groups = hidden =>
    groupsOf({ methods: METHODS, hidden: new Set(hidden), answer: { methods } }).map(({ names }) => names)
  assert.deepEqual(groups([]), [['A', 'B'], ['C']])
  assert.deepEqual(groups(['a', 'c']), [['B']])
  assert.deepEqual(groupsOf({ methods: METHODS, hidden: new Set(), answer: null }), [])
})

test('at most four names on one arrow, and what the arrow cannot show', () => {
  const plain = { isCut: false, isNothing: false, length: 1 }
  assert.deepEqual(labelRows(['A', 'B', 'C', 'D', 'E'], 40, plain), ['A, B, C, 2 more'])
  assert.deepEqual(labelRows(['A'], 40, { ...plain, isCut: true, length: 3.14 }), ['A', '(length 3.1)'])
  assert.deepEqual(labelRows(['A'], 40, { ...plain, isNothing: true }), ['A', 'no step'])
})

test('what an update does to a task is told by its cosine', () => {
  assert.deepEqual(effectOf([1, 0], 2, [2, 0]), { text: '▼ 1.00', title: 'falls', harms: false })
  assert.equal(effectOf([1, 0], -1, [-1, 1]).text, '▲ 0.71')
  assert.ok(effectOf([1, 0], -1, [-1, 1]).harms)
  assert.equal(effectOf([0, 0], 0, [1, 0]).text, 'stays')
  assert.equal(effectOf([1, 0], 0.001, [0, 1]).title, 'unchanged to first order')
})

test('the geometry in words', () => {
  const say = (cosine, cone) =>
    describeGeometry(
      {
        cosines: [
          [1, cosine],
          [cosine, 1]
        ],
        cone,
        methods: {}
      },
      2
    )
  assert.match(say(0.5, [[0, 1]]), /^60° between g₁ and g₂\. No conflict\./)
  assert.match(say(-0.5, [[0, 1]]), /^120° .* A conflict/)
  assert.match(say(-0.5, []), /no cone of non-conflict/)
  assert.match(say(-1, []), /opposed\. No step lowers both losses/)
  assert.match(say(null, []), /has no direction/)
})

test('a gradient is no longer than it may be, and keeps its direction', () => {
  assert.deepEqual(shortenedTo([3, 4], 2), [1.2000000000000002, 1.6])
  assert.deepEqual(shortenedTo([0, 0]), [0, 0])
})

test('the disc leaves room for names where the picture is wide', () => {
  const wide = placeOf(900, 900)
  assert.ok(wide.radius <= 900 / 2 - 150)
  assert.ok(!wide.narrow)
  assert.equal(placeOf(300, 900).height, 300)
})

test('a whole circle has no beginning', () => {
  assert.match(sector([0, 0], 1, 0, 2 * Math.PI), /^M 1,0 A .* Z$/)
  assert.match(sector([0, 0], 1, 0, 1), /^M 0,0 L 1,0 A/)
})
