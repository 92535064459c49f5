import assert from 'node:assert/strict'
import { test } from 'node:test'
import { painted, pointsIn } from './paint.js'

const THEME = { text: 'black', muted: 'grey' }

test('colours of the theme get their values, everything else stays', () => {
  const figure = {
    data: [{ marker: { color: ['text', '#123'], size: 3 }, text: 'muted' }],
    layout: { gridcolor: 'muted' }
  }
  assert.deepEqual(painted(figure, THEME), {
    data: [{ marker: { color: ['black', '#123'], size: 3 }, text: 'muted' }],
    layout: { gridcolor: 'grey' }
  })
  assert.equal(figure.layout.gridcolor, 'muted')
})

test('points are counted once a trace', () => {
  assert.equal(pointsIn([{ customdata: [1, 1, 2] }, {}, { customdata: [3] }]), 3)
})
