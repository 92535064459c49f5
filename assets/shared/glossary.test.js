// Where an entry stands beside its term.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placed } from './glossary.js'

const ENTRY = { width: 300, height: 100 }
const VIEW = { width: 390, height: 800 }

test('below its term, above it where there is no room, never beyond the edges', () => {
  assert.deepEqual(placed({ left: 20, top: 100, bottom: 120 }, ENTRY, VIEW), { left: 20, top: 126 })
  assert.deepEqual(placed({ left: 20, top: 750, bottom: 770 }, ENTRY, VIEW), { left: 20, top: 644 })
  assert.equal(placed({ left: 350, top: 100, bottom: 120 }, ENTRY, VIEW).left, 82)
  assert.equal(placed({ left: -50, top: 100, bottom: 120 }, ENTRY, VIEW).left, 8)
})
