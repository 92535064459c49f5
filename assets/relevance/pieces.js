// Small pieces of the Relevance page.

import { html } from '../shared/dom.js'

/** @import { BarPart, TitlePiece } from './types.d.ts' */

const ROOM_FOR_WORD = 0.14 // of a bar, from which on a piece of it carries its word

/**
 * A title in pieces, each shaded by how much the words there carry.
 * @param {'span' | 'h3'} tag
 * @param {TitlePiece[]} pieces
 */
export function titled(tag, pieces) {
  const parts = pieces.map(([text, intensity, colour]) => {
    if (!intensity || !colour) return text
    const mark = html('mark', { textContent: text })
    mark.style.setProperty('--carries', `${Math.round(14 + 46 * intensity)}%`)
    mark.style.setProperty('--of', colour)
    return mark
  })
  return html(tag, { className: 'relevance-title' }, ...parts)
}

/**
 * The score as a bar: a piece a word, in the word's colour, as long as its part.
 * @param {BarPart[]} parts
 * @param {number} length of the bar, as a share of the longest
 * @param {(part: BarPart) => void} onPress
 */
export function scoreBar(parts, length, onPress) {
  const bar = html('div', { className: 'relevance-bar' })
  bar.style.width = `${Math.max(0, 100 * length)}%`
  bar.append(...parts.filter(part => part.share > 0).map(part => barPiece(part, onPress)))
  return bar
}

/** @param {BarPart} part @param {(part: BarPart) => void} onPress */
function barPiece(part, onPress) {
  const title = `${part.word}: ${part.share_text} of this score`
  const piece = html('button', {
    type: 'button',
    className: 'relevance-piece',
    title,
    aria: { label: title },
    data: { term: part.term }
  })
  piece.style.flexGrow = String(part.share)
  piece.style.background = part.colour
  piece.onclick = event => {
    event.stopPropagation()
    onPress(part)
  }
  if (part.share > ROOM_FOR_WORD && part.term >= 0) piece.append(html('span', { textContent: part.word }))
  return piece
}

/**
 * How far a hit has moved, in words: up or down by so many places, new, or nothing.
 * @param {number | null} moved
 * @param {string} by what, as a person reads it
 * @returns {{ text: string, title: string }}
 */
export function describeMove(moved, by) {
  if (moved === null) return { text: 'new', title: 'Not among the first hundred before' }
  if (!moved) return { text: '', title: '' }
  const title = `${Math.abs(moved)} ${moved > 0 ? 'up' : 'down'} ${by}`
  return { text: moved > 0 ? `▲ ${moved}` : `▼ ${-moved}`, title }
}

/** @param {number | null} moved @param {string} by */
export function moveMark(moved, by) {
  const { text, title } = describeMove(moved, by)
  const isDown = moved !== null && moved < 0
  const className = 'relevance-moved' + (isDown ? ' relevance-down' : '')
  return html('span', { className, textContent: text, title })
}
