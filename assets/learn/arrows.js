// Two gradients and the update that a method makes of them, as arrows from one point.

import { mounted } from '../shared/component.js'
import { svg } from '../shared/dom.js'
import { colourOf, themeOf } from '../shared/palette.js'

/** @import { Point } from '../shared/types.d.ts' */

/** @typedef {{ gradients: Point[], update: Point, words: Record<string, string> }} Data */

const WIDTH = 460
const HEIGHT = 260
const SCALE = 85 // pixels of one unit
const ORIGIN = /** @type {Point} */ ([225, 225])
const HEAD = 11 // pixels
const LEAST = 0.02 // units: a shorter arrow is a dot

const FAR = 2 * WIDTH // pixels: beyond every edge

/**
 * Where an update raises a task's loss: the half of the plane behind its gradient.
 * @param {Point} gradient
 * @param {string} colour
 */
function harmed([x, y], colour) {
  const length = Math.hypot(x, y)
  const [back, side] = [
    [(-FAR * x) / length, (FAR * y) / length],
    [(FAR * y) / length, (FAR * x) / length]
  ]
  const corners = [
    [side[0], side[1]],
    [side[0] + back[0], side[1] + back[1]],
    [back[0] - side[0], back[1] - side[1]],
    [-side[0], -side[1]]
  ]
  const points = corners.map(([right, down]) => `${ORIGIN[0] + right},${ORIGIN[1] + down}`).join(' ')
  return svg('polygon', { points, fill: colour, opacity: 0.13 })
}

/**
 * @param {Point} to in units
 * @param {{ colour: string, text: string, width: number, name: string, below?: boolean }} style
 * @returns {SVGElement[]}
 */
function arrow([x, y], { colour, text: ink, width, name, below = false }) {
  const [right, down] = [ORIGIN[0] + SCALE * x, ORIGIN[1] - SCALE * y]
  const length = Math.hypot(x, y)
  const label = { x: right, y: down + (below ? 25 : -12), 'text-anchor': 'middle', 'font-size': 18, fill: ink }
  const text = svg('text', label, name)
  if (length < LEAST) return [svg('circle', { cx: right, cy: down, r: 6, fill: colour }), text]
  const [u, v] = [x / length, -y / length]
  const neck = [right - HEAD * u, down - HEAD * v]
  const corners = [
    [right, down],
    [neck[0] - 0.45 * HEAD * v, neck[1] + 0.45 * HEAD * u],
    [neck[0] + 0.45 * HEAD * v, neck[1] - 0.45 * HEAD * u]
  ]
  const shaft = { x1: ORIGIN[0], y1: ORIGIN[1], x2: neck[0], y2: neck[1], stroke: colour, 'stroke-width': width }
  return [svg('line', shaft), svg('polygon', { points: corners.join(' '), fill: colour }), text]
}

class Arrows {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.plane = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' })
    root.replaceChildren(this.plane)
  }

  /** @param {Data} data */
  show({ gradients, update, words }) {
    const theme = themeOf(this.root)
    const names = [words.first, words.second]
    const told = gradients.map((pair, task) => `${names[task]} ${pair.map(value => value.toFixed(2)).join(', ')}`)
    this.plane.setAttribute(
      'aria-label',
      `${told.join('; ')}; ${words.update} ${update.map(v => v.toFixed(2)).join(', ')}`
    )
    this.plane.replaceChildren(
      ...gradients.map((pair, task) => harmed(pair, colourOf(task))),
      ...arrow(update, { colour: theme.text, text: theme.text, width: 5, name: words.update }),
      ...gradients.flatMap((pair, task) =>
        arrow(pair, { colour: colourOf(task), text: theme.text, width: 3, name: names[task], below: task === 0 })
      )
    )
  }

  close() {}
}

export default mounted(
  '.arrows',
  root => new Arrows(root),
  (held, component) => {
    held.show(/** @type {Data} */ (component.data))
  }
)
