import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeMove } from './pieces.js'
import { cascade, chosenScope } from './words.js'

test('the pieces of the words stand one after the other and fill the score', () => {
  const bars = cascade([{ amount: 3 }, { amount: 0 }, { amount: 1 }], 4)
  assert.deepEqual(bars, [
    { start: 0, length: 0.75 },
    { start: 0.75, length: 0 },
    { start: 0.75, length: 0.25 }
  ])
  assert.ok(cascade([{ amount: 0 }], 0).every(({ start, length }) => start === 0 && length === 0))
})

test('a chosen scope stays with the next product where that offers it', () => {
  const [query, brand] = ['query', 'brand'].map(name => ({
    name,
    label: `in this ${name}`,
    in_query: name === 'query'
  }))
  assert.equal(chosenScope([query, brand], 'brand'), brand)
  assert.equal(chosenScope([query], 'brand'), query)
  assert.equal(chosenScope([query, brand], ''), query)
})

test('how far a hit has moved', () => {
  assert.deepEqual(
    [null, 0, 3, -2].map(moved => describeMove(moved, 'by your changes').text),
    ['new', '', '▲ 3', '▼ 2']
  )
  assert.equal(describeMove(-2, 'by your changes').title, '2 down by your changes')
  assert.equal(describeMove(3, 'from relevance alone').title, '3 up from relevance alone')
})
