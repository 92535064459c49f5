// Arrows, sectors and rows of text, drawn as SVG.

import { svg } from '../shared/dom.js'

/** @import { Point } from '../shared/types.d.ts' */

export const ROW_OF_NAMES = 13 // pixels

/**
 * An arrow from one point of the screen to another; the head shrinks with a short arrow.
 * @param {Point} from
 * @param {Point} to
 * @param {{ color: string, width?: number, dash?: string, opacity?: number, className?: string }} style
 */
export function arrow(from, to, { color, width = 2, dash = 'none', opacity = 1, className = '' }) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]]
  const length = Math.hypot(x, y)
  if (length < 0.5) {
    return svg('circle', { cx: from[0], cy: from[1], r: width + 1, fill: color, opacity, class: className })
  }
  const head = Math.min(5 + 2.2 * width, length * 0.6)
  const half = head * 0.42
  const [u, v] = [x / length, y / length]
  const neck = [to[0] - u * head, to[1] - v * head]
  const corners = [to, [neck[0] - v * half, neck[1] + u * half], [neck[0] + v * half, neck[1] - u * half]]
  const shaft = { x1: from[0], y1: from[1], x2: neck[0], y2: neck[1], stroke: color }
  return svg(
    'g',
    { opacity, class: className },
    svg('line', { ...shaft, 'stroke-width': width, 'stroke-dasharray': dash }),
    svg('polygon', { points: pointsText(corners), fill: color })
  )
}

/** @param {number[][]} points as an attribute has them */
export const pointsText = points => points.map(point => point.join()).join(' ')

/**
 * A slice of a circle around `centre` from one angle to the other, anticlockwise, as mathematics has it.
 * @param {Point} centre
 * @param {number} radius
 * @param {number} from
 * @param {number} to
 */
export function sector(centre, radius, from, to) {
  /** @param {number} angle */
  const at = angle => `${centre[0] + radius * Math.cos(angle)},${centre[1] - radius * Math.sin(angle)}`
  const arc = `A ${radius} ${radius} 0`
  if (to - from >= 2 * Math.PI - 1e-9) return `M ${at(0)} ${arc} 1 0 ${at(Math.PI)} ${arc} 1 0 ${at(0)} Z`
  return `M ${centre} L ${at(from)} ${arc} ${to - from > Math.PI ? 1 : 0} 0 ${at(to)} Z`
}

/**
 * Rows of text as spans of one text element.
 * @param {string[]} rows
 * @param {number | string} x
 * @param {number} [tall]
 */
export const spans = (rows, x, tall = ROW_OF_NAMES) =>
  rows.map((row, place) => svg('tspan', { x, dy: place ? tall : 0 }, row))

/**
 * The dash of a line that stands for a method, as a short piece of it.
 * @param {string} dash
 * @param {number} width
 * @param {number} height
 */
export function dashMark(dash, width, height) {
  const line = { x1: 0, x2: width, y1: height / 2, y2: height / 2, 'stroke-dasharray': dash }
  return svg(
    'svg',
    { width, height, 'aria-hidden': 'true' },
    svg('line', { ...line, stroke: 'currentColor', 'stroke-width': 2 })
  )
}
