// The list of hits: rank, title, the bar of words, and the two buttons that open a product or set it beside another.

import { html } from '../shared/dom.js'
import { moveMark, scoreBar, titled } from './pieces.js'

/** @import { Act, Data, Hit } from './types.d.ts' */

/** @param {HTMLElement} root @param {Data} data @param {Act} act */
export function showHits(root, data, act) {
  const rows = data.hits.map(hit => hitRow(hit, data, act))
  root.replaceChildren(
    rows.length
      ? html('ol', { className: 'relevance-list' }, ...rows)
      : html('p', { className: 'relevance-none', textContent: data.nothing })
  )
  if (!data.left.length) return
  const text = `Left the first ${data.most} by your changes: ${data.left.join('; ')}`
  root.append(html('p', { className: 'relevance-left', textContent: text }))
}

/** @param {Hit} hit @param {Data} data @param {Act} act */
function hitRow(hit, data, act) {
  const { key } = hit
  const isOpen = data.card?.key === key
  const isBeside = data.compare?.key === key
  const opener = html(
    'button',
    {
      type: 'button',
      className: 'relevance-opener',
      onclick: () => act({ kind: 'open', key }),
      aria: { pressed: isOpen }
    },
    titled('span', hit.title)
  )
  const side = html('button', {
    type: 'button',
    className: 'relevance-side',
    textContent: isBeside ? 'Beside' : 'Compare',
    disabled: isOpen,
    title: 'Why is the open product above or below this one?',
    onclick: () => act({ kind: 'compare', key: isBeside ? null : key })
  })
  const rank = html('span', { className: 'relevance-rank', textContent: hit.rank })
  const bar = scoreBar(hit.parts, hit.length, part => act({ kind: 'open', key, term: part.term }))
  const about = html('div', { className: 'relevance-about', textContent: hit.about })
  const row = html(
    'li',
    { className: 'relevance-hit', data: { key } },
    html('div', { className: 'relevance-place' }, rank, moveMark(hit.moved, data.moved_by)),
    html('div', { className: 'relevance-what' }, opener, about, bar),
    html('div', { className: 'relevance-figure' }, html('output', { textContent: hit.score }), side)
  )
  row.classList.toggle('relevance-open', isOpen)
  row.classList.toggle('relevance-beside', isBeside)
  return row
}
