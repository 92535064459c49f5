// The words of the query in the open product: weights that can be changed, and what each carries.

import { dot, html } from '../shared/dom.js'
import { shown } from '../shared/format.js'

/** @import { Act, Card, Scope, Word } from './types.d.ts' */

/** @type {Record<string, string>} by how the product comes to hold a word: what it means */
const MATCHES = {
  'in the title': 'This word stands in the title.',
  phrase: 'These words stand together in the title.',
  'in another field': 'The title does not hold this word; another field of the product does.',
  inferred: 'The title does not hold this word; the model infers it from another.',
  'beside the thing': 'This word stands in the title, but the product is another thing.',
  'part of a word': 'This character stands within a longer word of the title.',
  'by hand': 'Only a change by hand put this word here.',
  missing: 'The query asks for this word and the product does not hold it.',
  'unknown to the model': 'The model has no place for this word; rare words may be taken for one another.'
}
/** @type {Record<string, string>} kinds that say more than that a word is in the title */
const NARROWER = { 'n-gram': 'phrase', mention: 'beside the thing' }
const HEADS = [
  ['Word', ''],
  ['query weight', 'Weight of the word in the query'],
  ['', ''],
  ['product weight', 'Weight of the word in the product'],
  ['share', 'Query weight × product weight: its part of the score'],
  ['', '']
]
const LABEL = 'Words of the query: weight in the query times weight in the product is its part of the score'
const NO_SCORE = 1e-12

/**
 * The chosen scope; the first where the open product does not offer it.
 * @param {Scope[]} scopes
 * @param {string} name
 */
export const chosenScope = (scopes, name) => scopes.find(scope => scope.name === name) ?? scopes[0]

/**
 * Where the piece of each word begins and how long it is, as shares of the score: one after the other.
 * @param {{ amount: number }[]} words
 * @param {number} score
 */
export function cascade(words, score) {
  const whole = Math.max(score, NO_SCORE)
  let before = 0
  return words.map(({ amount }) => {
    const start = before / whole
    before += amount
    return { start, length: amount / whole }
  })
}

/** @param {Card} card @param {Scope} scope @param {Act} act */
export function wordTable(card, scope, act) {
  const bars = cascade(card.added ? [...card.words, card.added] : card.words, card.exact_score)
  const heads = HEADS.map(([textContent, title]) => html('th', { textContent, title, scope: 'col' }))
  const rows = card.words.map((word, at) => wordRow(word, bars[at], scope, act))
  if (card.added) rows.push(addedRow(card.added, bars[card.words.length]))
  const table = html(
    'table',
    { aria: { label: LABEL } },
    html('thead', {}, html('tr', {}, ...heads)),
    html('tbody', {}, ...rows)
  )
  return html('div', { className: 'relevance-table' }, table)
}

/** @param {Word} word @param {{ start: number, length: number }} bar @param {Scope} scope @param {Act} act */
function wordRow(word, { start, length }, scope, act) {
  const piece = html('span')
  const place = { left: `${100 * start}%`, width: `${100 * length}%`, background: word.colour }
  Object.assign(piece.style, place)
  const title = `Strike out “${word.word}” ${scope.label}`
  const strike = html('button', {
    type: 'button',
    className: 'relevance-strike',
    textContent: '✕',
    title,
    aria: { label: title },
    onclick: () => act({ kind: 'forbid', scope: scope.name, word: word.word })
  })
  const share = { textContent: word.amount ? word.share_text : '–', title: word.amount ? shown(word.amount) : '' }
  return html(
    'tr',
    { className: word.amount ? '' : 'relevance-missing', data: { term: word.term } },
    html('td', {}, wordName(word, act), html('div', { className: 'relevance-fall' }, piece)),
    weightCell(word, word.query_weight, scope.in_query, scope, act),
    html('td', { textContent: '×' }),
    weightCell(word, word.product_weight, !scope.in_query, scope, act),
    html('td', { className: 'relevance-share', ...share }),
    html('td', {}, strike)
  )
}

/** @param {NonNullable<Card['added']>} added @param {{ start: number, length: number }} bar */
function addedRow(added, { start, length }) {
  const piece = html('span')
  const place = { left: `${100 * start}%`, width: `${100 * length}%`, background: added.colour }
  Object.assign(piece.style, place)
  const chip = html('span', {
    className: 'relevance-kind',
    textContent: 'added by the order',
    title: 'No word says it: what the chosen order adds to the score'
  })
  const name = html('span', { className: 'relevance-added', textContent: added.word })
  const named = html('div', { className: 'relevance-named' }, dot(added.colour, 'relevance-dot'), name, chip)
  const fall = html('div', { className: 'relevance-fall' }, piece)
  return html(
    'tr',
    { data: { term: added.term } },
    html('td', {}, named, fall),
    html('td', { colSpan: 3, textContent: `adds ${shown(added.amount)}` }),
    html('td', { className: 'relevance-share', textContent: added.share_text, title: shown(added.amount) }),
    html('td', {})
  )
}

/**
 * What a word is to the product's thing, and what its weight was multiplied by for it.
 * @param {Word} word
 */
export const roleOf = word => {
  const weight = `${shown(word.product_weight / word.factor)} × ${shown(word.factor)}`
  return `${word.role || 'said of the thing itself'}: its weight is ${weight}.`
}

/** @param {Word} word @param {Act} act */
function wordName(word, act) {
  const match = NARROWER[word.kind] ?? word.match
  const name = html('button', {
    type: 'button',
    className: 'relevance-word',
    textContent: word.word,
    title: 'What this word is, and who else holds it',
    onclick: () => act({ kind: 'word', word: word.word })
  })
  const source = word.kind === 'expansion' ? ` from “${word.source_known ? word.source : 'the whole title'}”` : ''
  const chip = html('span', {
    className: `relevance-kind relevance-kind-${match.replaceAll(' ', '-')}`,
    textContent: match + source,
    title: word.factor === 1 ? MATCHES[match] : `${MATCHES[match]} ${roleOf(word)}`
  })
  const named = html('div', { className: 'relevance-named' }, dot(word.colour, 'relevance-dot'), name, chip)
  if (word.touched) {
    const touched = { textContent: 'changed', title: 'A change by hand is in these figures' }
    named.append(html('span', { className: 'relevance-touched', ...touched }))
  }
  return named
}

/** @param {Word} word @param {number} value @param {boolean} isEditable @param {Scope} scope @param {Act} act */
function weightCell(word, value, isEditable, scope, act) {
  if (!isEditable) return html('td', { textContent: shown(value) })
  const label = `Weight of ${word.word} ${scope.label}`
  const input = html('input', { type: 'number', min: 0, step: 'any', value: shown(value), aria: { label } })
  input.onchange = () => {
    const wanted = input.valueAsNumber
    const isGood = Number.isFinite(wanted) && wanted >= 0
    input.setAttribute('aria-invalid', String(!isGood))
    if (isGood) act({ kind: 'set', scope: scope.name, word: word.word, value: wanted })
  }
  return html('td', {}, input)
}
