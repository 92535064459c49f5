// A name at each line's end, moved apart where lines meet.

import { shortened } from '../shared/format.js'
import { spread } from '../shared/labels.js'
import { LETTER } from './bands.js'

/** @import { Plotly, Theme } from '../shared/types.d.ts' */
/** @import { End } from './types.d.ts' */

const LINE_OF_TEXT = 12 // pixels
const MARK_ROOM = 16 // pixels, of the dots before a name
const SAME_RANGE = 1e-3 // of a range: labels stand well while an end has moved less than that

/**
 * From the lowest to the highest value that an axis shows.
 * @typedef {[number, number]} Range
 * @typedef {{ first: Range, second: Range | null }} Ranges
 */

/**
 * Where the labels of the ends stand: their middles in pixels above the floor of the plot.
 * @param {End[]} ends
 * @param {Ranges} ranges
 * @param {number} height of the plot, in pixels
 * @returns {(End & { y: number, at: number })[]}
 */
export function placeEnds(ends, ranges, height) {
  const labels = ends.flatMap(end => {
    if (end.y === null || end.task.baseline) return []
    const [low, high] = (end.second && ranges.second) || ranges.first
    const share = Math.max(0, Math.min(1, (end.y - low) / (high - low)))
    return [{ end: { ...end, y: end.y }, y: share * height, tall: LINE_OF_TEXT }]
  })
  return spreadFromFloor(labels, height).map(({ end, y }) => ({ ...end, at: y }))
}

/**
 * The lines' ends may lie on the very edge of the plot, and so may the middles of their names.
 * @template {{ y: number, tall: number }} Label
 * @param {Label[]} labels
 * @param {number} height
 */
function spreadFromFloor(labels, height) {
  const half = LINE_OF_TEXT / 2
  for (const label of labels) label.y += half
  const placed = spread(labels, height + 2 * half, 0)
  for (const label of placed) label.y -= half
  return placed
}

/**
 * True where labels that were placed by `before` do not stand beside their lines in a picture that shows `now`.
 * @param {Ranges | null} before
 * @param {Ranges} now
 */
export function hasMoved(before, now) {
  if (!before) return true
  return moved(before.first, now.first) || moved(before.second, now.second)
}

/** @param {Range | null} before @param {Range | null} now */
function moved(before, now) {
  if (!before || !now) return before !== now
  const wide = Math.abs(now[1] - now[0])
  return [0, 1].some(end => Math.abs(before[end] - now[end]) > SAME_RANGE * wide)
}

/**
 * What the axes of a picture show, once plotly has drawn it; null before.
 * @param {{ _fullLayout?: any }} plot
 * @returns {Ranges | null}
 */
export function rangesOf(plot) {
  const { yaxis, yaxis2 } = plot._fullLayout ?? {}
  /** @param {{ range: Range }} axis @returns {Range} */
  const copy = ({ range: [low, high] }) => [low, high] // plotly may write into its own
  return yaxis ? { first: copy(yaxis), second: yaxis2 ? copy(yaxis2) : null } : null
}

/**
 * The labels as plotly wants them, right of the plot.
 * @param {End[]} ends
 * @param {Ranges} ranges
 * @param {{ height: number, room: number }} size in pixels: of the plot, and of the margin at its right
 * @param {Theme} theme
 * @returns {Plotly[]}
 */
export function endAnnotations(ends, ranges, { height, room }, theme) {
  const letters = Math.floor((room - MARK_ROOM) / LETTER)
  /** @param {string} colour */
  const mark = colour => `<span style="color:${colour}">●</span>`
  return placeEnds(ends, ranges, height).map(({ task, other, text, at }) => ({
    xref: 'paper',
    yref: 'paper',
    x: 1,
    y: at / height,
    xanchor: 'left',
    yanchor: 'middle',
    xshift: 4,
    align: 'left',
    showarrow: false,
    font: { size: 10, color: theme.text },
    text: mark(task.color) + (other ? mark(other.color) : '') + ' ' + (text ?? shortened(task.title, letters))
  }))
}
