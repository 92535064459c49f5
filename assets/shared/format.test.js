import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  angle,
  degrees,
  grouped,
  inRows,
  inSentence,
  percent,
  rounded,
  shortened,
  shown,
  signed,
  spoken
} from './format.js'

test('a number keeps its significant digits, and says where there is none', () => {
  assert.equal(shown(0.123456), '0.123')
  assert.equal(shown(1234.5, 2), '1200')
  assert.equal(shown(0), '0')
  assert.equal(shown(null), 'none')
  assert.equal(shown(undefined), 'none')
})

test('shares, signs and thousands', () => {
  assert.equal(percent(0.05), '5 %')
  assert.equal(percent(-0.01234, 2), '-1.2 %')
  assert.equal(signed(-0.5), '−0.50')
  assert.equal(grouped(12345), '12,345')
  assert.equal(rounded(1.005499, 2), 1.01)
})

test('an angle is told by its cosine, also one that rounding has carried past 1', () => {
  assert.equal(degrees(1.0000001), 0)
  assert.equal(angle(0), '90°')
  assert.equal(angle(-1), '180°')
})

test('names read as words, abbreviations keep their capitals', () => {
  assert.equal(spoken('price_level'), 'price level')
  assert.equal(inSentence('Purchase'), 'purchase')
  assert.equal(inSentence('CTR'), 'CTR')
  assert.equal(shortened('Purchase', 8), 'Purchase')
  assert.equal(shortened('Price level', 7), 'Price…')
  assert.equal(shortened('Price', 0), '…')
})

test('rows of names are no longer than they may be, unless one name is', () => {
  assert.deepEqual(inRows(['NMT', 'PCGrad', 'MGDA'], 12, ', '), ['NMT, PCGrad,', 'MGDA'])
  assert.deepEqual(inRows(['a very long name'], 4), ['a very long name'])
  assert.deepEqual(inRows([], 4), [])
})
