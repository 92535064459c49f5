// Names at the lines' ends: beside their lines, apart from each other, and placed anew where an axis has moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endAnnotations, hasMoved, placeEnds, rangesOf } from './ends.js'

const HEIGHT = 200
const end = (title, y, more = {}) => ({ task: { title, color: '#000' }, y, ...more })
const ranges = (first, second = null) => ({ first, second })
const at = placed => Object.fromEntries(placed.map(one => [one.task.title, one.at]))

test('a name stands at the height of its line, by the range that the axis shows', () => {
  assert.deepEqual(at(placeEnds([end('a', 0.75), end('b', 0.25)], ranges([0, 1]), HEIGHT)), { a: 150, b: 50 })
  assert.deepEqual(at(placeEnds([end('a', 0.75)], ranges([0.5, 1]), HEIGHT)), { a: 100 })
})

test('a line that ends on the edge has its name there', () => {
  assert.deepEqual(at(placeEnds([end('low', 0), end('high', 1)], ranges([0, 1]), HEIGHT)), { low: 0, high: 200 })
})

test('a line that ends outside the picture has its name at the edge', () => {
  assert.deepEqual(at(placeEnds([end('a', 7)], ranges([0, 1]), HEIGHT)), { a: HEIGHT })
})

test('names of lines that meet stand a line of text apart, in the order of their lines', () => {
  const placed = placeEnds([end('b', 0.51), end('a', 0.5), end('c', 0.52)], ranges([0, 1]), HEIGHT)
  assert.deepEqual(
    placed.map(({ task }) => task.title),
    ['a', 'b', 'c']
  )
  const apart = placed.slice(1).map((one, i) => one.at - placed[i].at)
  assert.ok(apart.every(gap => gap >= 12))
})

test('many names at the top are pushed down, not out', () => {
  const placed = placeEnds(
    [1, 2, 3, 4].map(i => end(String(i), 1)),
    ranges([0, 1]),
    HEIGHT
  )
  assert.deepEqual(
    placed.map(one => one.at),
    [164, 176, 188, 200]
  )
})

test('a line on the second axis has its name by that axis', () => {
  const placed = placeEnds([end('share', 0.5), end('error', 40, { second: true })], ranges([0, 1], [0, 50]), HEIGHT)
  assert.deepEqual(at(placed), { share: 100, error: 160 })
})

test('a baseline and a line without points have no name', () => {
  const baseline = { task: { title: 'grey', color: '#888', baseline: true }, y: 0.5 }
  assert.deepEqual(placeEnds([baseline, end('empty', null)], ranges([0, 1]), HEIGHT), [])
})

test('names are placed anew once an axis has moved, as when the points of a finished run come at once', () => {
  assert.ok(hasMoved(null, ranges([0, 1])))
  assert.ok(hasMoved(ranges([-1, 4]), ranges([0.2, 0.9])))
  assert.ok(hasMoved(ranges([0, 1]), ranges([0, 1], [0, 50])))
  assert.ok(hasMoved(ranges([0, 1], [0, 50]), ranges([0, 1], [0, 60])))
  assert.ok(!hasMoved(ranges([0, 1]), ranges([0, 1.0001])))
})

test('what an axis shows is known once plotly has drawn, and copied', () => {
  assert.equal(rangesOf({}), null)
  const yaxis = { range: [0, 1] }
  const read = rangesOf({ _fullLayout: { yaxis } })
  yaxis.range[1] = 2
  assert.deepEqual(read, ranges([0, 1]))
})

test("a name is shortened to the room that there is, and bears its task's mark", () => {
  const [label] = endAnnotations(
    [end('Price level of the product', 1)],
    ranges([0, 1]),
    { height: HEIGHT, room: 68 },
    {}
  )
  assert.equal(label.text, '<span style="color:#000">●</span> Price le…')
  assert.deepEqual([label.y, label.xref, label.yref], [1, 'paper', 'paper'])
})
