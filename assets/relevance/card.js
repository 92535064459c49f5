// The open product: why it has its score, word by word, and the fields in which a weight is changed.

import { html } from '../shared/dom.js'
import { titled } from './pieces.js'
import { chosenScope, wordTable } from './words.js'

/** @import { Act, Card, Comparison, Data, Scope } from './types.d.ts' */

const QUERY_WEIGHT = 0.3 // that the field for another word begins with
const PRODUCT_WEIGHT = 0.8

export class ProductCard {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.scope = '' // its name; the first before somebody chooses
  }

  /** @param {Data} data @param {Act} act */
  show(data, act) {
    const { card, compare } = data
    if (!card) return this.root.replaceChildren()
    const scope = chosenScope(card.scopes, this.scope)
    const parts = [
      head(card),
      html('div', { className: 'relevance-about', textContent: card.about }),
      reasons(card.reasons),
      this.chooser(data, scope, act),
      wordTable(card, scope, act),
      adder(scope, act),
      lifts(card, act)
    ]
    if (compare) parts.push(comparison(compare, act))
    this.root.replaceChildren(...parts)
    if (data.term !== null) this.point(data.term)
  }

  /** @param {Data} data @param {Scope} chosen @param {Act} act */
  chooser(data, chosen, act) {
    const options = data.card?.scopes.map(({ name, label }) =>
      html('option', { value: name, textContent: label, selected: name === chosen.name })
    )
    const select = html('select', {}, ...(options ?? []))
    select.onchange = () => {
      this.scope = select.value
      this.show(data, act)
      this.root.querySelector('select')?.focus()
    }
    return html('label', { className: 'relevance-chooser' }, 'Change or strike out a word ', select)
  }

  /** @param {number} term that a person pressed in the bar of a hit */
  point(term) {
    const row = this.root.querySelector(`tr[data-term="${term}"]`)
    row?.classList.add('relevance-pointed')
    row?.scrollIntoView({ block: 'nearest' })
  }
}

/** @param {Card} card */
const head = card =>
  html(
    'header',
    {},
    html('span', { className: 'relevance-rank', textContent: `Rank ${card.rank}` }),
    titled('h3', card.title),
    html('output', { textContent: card.score, title: 'The score: the sum of the parts below' })
  )

/** @param {string[]} sentences */
const reasons = ([first, ...rest]) =>
  html(
    'div',
    { className: 'relevance-reasons' },
    html('p', { className: 'relevance-first', textContent: first }),
    ...rest.map(textContent => html('p', { textContent }))
  )

/** @param {Scope} scope @param {Act} act */
function adder(scope, act) {
  const word = html('input', {
    type: 'text',
    placeholder: 'another word',
    maxLength: 200,
    aria: { label: 'Word to add' }
  })
  const value = html('input', {
    type: 'number',
    min: 0,
    step: 'any',
    value: scope.in_query ? QUERY_WEIGHT : PRODUCT_WEIGHT,
    aria: { label: 'Its weight' }
  })
  const button = html('button', { type: 'submit', textContent: 'Add' })
  const fields = ['Add ', word, ' with weight ', value, ` ${scope.label} `, button]
  const form = html('form', { className: 'relevance-adder' }, ...fields)
  form.onsubmit = event => {
    event.preventDefault()
    const weight = value.valueAsNumber
    const isGood = word.value.trim() && Number.isFinite(weight)
    if (isGood) act({ kind: 'set', scope: scope.name, word: word.value, value: weight })
  }
  return form
}

/** @param {Card} card @param {Act} act */
function lifts(card, act) {
  const { lift } = card
  const part = html(
    'div',
    { className: 'relevance-lifts' },
    html('h4', { textContent: 'What would make it first?' }),
    ...card.lifts.map(textContent => html('p', { textContent }))
  )
  if (lift) {
    const onclick = () => act({ kind: 'set', scope: lift.scope, word: lift.word, value: lift.value })
    part.append(html('button', { type: 'button', textContent: 'Try it', onclick }))
  }
  return part
}

/** @param {Comparison} compare @param {Act} act */
function comparison(compare, act) {
  const most = Math.max(...compare.words.map(word => Math.abs(word.amount)), 1e-12)
  const rows = compare.words.map(word => {
    const piece = html('span')
    const width = (50 * Math.abs(word.amount)) / most
    const left = word.amount < 0 ? 50 - width : 50
    Object.assign(piece.style, { width: `${width}%`, left: `${left}%`, background: word.colour })
    const bar = html('div', { className: 'relevance-between' }, piece)
    const text = html('td', { textContent: word.text })
    const name = html('td', { textContent: word.word })
    if (word.why) name.append(html('div', { className: 'relevance-why', textContent: word.why }))
    return html('tr', {}, name, html('td', {}, bar), text)
  })
  const title = 'Close the comparison'
  const close = html('button', {
    type: 'button',
    className: 'relevance-strike',
    textContent: '✕',
    title,
    aria: { label: title },
    onclick: () => act({ kind: 'compare', key: null })
  })
  const caption = html('caption', { textContent: '← for the second · for the first →' })
  return html(
    'section',
    { className: 'relevance-compare' },
    html('header', {}, html('h4', { textContent: 'Why one above the other?' }), close),
    html('p', { textContent: `First: ${compare.titles[0]} (${compare.scores[0]})` }),
    html('p', { textContent: `Second: ${compare.titles[1]} (${compare.scores[1]})` }),
    html('p', { className: 'relevance-first', textContent: compare.sentence }),
    html('table', {}, caption, html('tbody', {}, ...rows))
  )
}
