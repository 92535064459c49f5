import assert from 'node:assert/strict'
import { test } from 'node:test'
import { colourOf, dashOf, faded, isLight, palette, usePalette } from './palette.js'

test('a colour is the task; from the end of the palette on the order begins again', () => {
  usePalette({ ...palette, tasks: ['#0072B2', '#E69F00'] })
  assert.equal(colourOf(1), '#E69F00')
  assert.equal(colourOf(2), '#0072B2')
})

test('a share of a colour', () => assert.equal(faded('#0072B2', 0.3), 'rgba(0, 114, 178, 0.3)'))

test('methods have different dashes, as far as there are', () => {
  assert.equal(new Set([0, 1, 2, 3, 4, 5, 6, 7].map(dashOf)).size, 8)
  assert.equal(dashOf(8), dashOf(0))
})

test('light text stands on a dark page', () => {
  assert.ok(isLight('rgb(230, 232, 235)'))
  assert.ok(!isLight('rgb(31, 35, 40)'))
})
