// The bench's picture: the gradients as arrows to be dragged, and the update of every method among them.

import { activeIn, svg } from '../shared/dom.js'
import { rounded } from '../shared/format.js'
import { spread } from '../shared/labels.js'
import { colourOf, dashOf } from '../shared/palette.js'
import { arrow, pointsText, ROW_OF_NAMES, sector, spans } from './drawing.js'
import { gradientName, groupsOf, labelRows } from './geometry.js'

/** @import { Point } from '../shared/types.d.ts' */
/** @import { BenchView } from './types.d.ts' */
/** @import { Group } from './geometry.js' */

/**
 * Where the picture lies on the screen: `scale` pixels a unit, `centre` its origin.
 * @typedef {{ width: number, height: number, radius: number, narrow: boolean, centre: Point, scale: number }} Place
 *
 * @typedef {object} Hand
 * @property {(event: PointerEvent, task: number) => void} onGrip
 * @property {(event: KeyboardEvent, task: number) => void} onKey
 * @property {(kind: string) => void} onChoose
 *
 * @typedef {{ tip: Point, rows: string[], chosen: boolean, right: boolean, y: number, tall: number }} Label
 */

export const VIEW = 2.4 // units from the middle to the edge of the disc
const NARROW = 560 // pixels
const ROOM_FOR_NAMES = 150 // pixels on either side, where the picture is wide
const AWAY = 12 // pixels between an arrow or the disc and a name
const BASELINE = 10 // pixels from the top of a row to where its letters stand

/**
 * @param {number} width in pixels that there are
 * @param {number} windowHeight
 * @returns {Place}
 */
export function placeOf(width, windowHeight) {
  const narrow = width < NARROW
  const height = narrow ? Math.min(width, 420) : Math.max(360, Math.min(520, windowHeight - 430))
  const radius = Math.min(height / 2 - 8, width / 2 - (narrow ? 8 : ROOM_FOR_NAMES))
  return { width, height, radius, narrow, centre: [width / 2, height / 2], scale: radius / VIEW }
}

/** @param {Place} place @param {number[]} at @returns {Point} */
const toScreen = ({ centre, scale }, [x, y]) => [centre[0] + x * scale, centre[1] - y * scale]

export class BenchPicture {
  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand
    /** @type {Place | null} read once: asking the page for it at every move would cost a layout */
    this.place = null
    this.svg = svg('svg', {
      role: 'group',
      'aria-label': 'Gradients of the tasks as arrows, and the update of every method'
    })
  }

  /** @param {number} task */
  focus(task) {
    const grip = /** @type {SVGElement | null} */ (this.svg.querySelector(`[data-task="${task}"]`))
    grip?.focus({ preventScroll: true })
  }

  /** @param {number} x @param {number} y of the window @returns {Point} in units */
  fromScreen(x, y) {
    const box = this.svg.getBoundingClientRect()
    const { centre, scale, width } = this.measured()
    const shrink = width / box.width
    return [((x - box.left) * shrink - centre[0]) / scale, (centre[1] - (y - box.top) * shrink) / scale]
  }

  measured() {
    this.place ??= placeOf(Math.max(240, this.svg.parentElement?.clientWidth ?? 0), window.innerHeight)
    return this.place
  }

  /** @param {BenchView} view */
  draw(view) {
    const place = this.measured()
    const { width, height, radius, centre, scale } = place
    const focused = activeIn(this.svg)?.dataset?.task
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height })) {
      this.svg.setAttribute(name, String(value))
    }
    this.svg.replaceChildren(
      svg('circle', { cx: centre[0], cy: centre[1], r: radius, class: 'bench-disc' }),
      svg('circle', { cx: centre[0], cy: centre[1], r: scale, class: 'bench-unit' }),
      ...coneShapes(view, place),
      ...this.methodShapes(view, place),
      ...view.arrows.map((gradient, task) => this.grip(gradient, task, place))
    )
    if (focused !== undefined) this.focus(Number(focused))
  }

  /**
   * Arrows of the methods, one for all that agree, each with its names at the side.
   * @param {BenchView} view
   * @param {Place} place
   */
  methodShapes(view, place) {
    const drawn = groupsOf(view).map(group => {
      const kinds = group.places.map(at => view.methods[at].kind)
      const chosen = kinds.includes(view.focus)
      const { label, tip } = labelOf(group, chosen, place)
      const style = { color: 'currentColor', width: chosen ? 4 : 1.7, opacity: chosen ? 1 : 0.62 }
      const shape = arrow(place.centre, tip, { ...style, dash: dashOf(group.places[0]), className: 'bench-update' })
      shape.dataset.kinds = kinds.join(' ')
      shape.append(svg('title', {}, group.names.join(', ')))
      shape.onclick = () => this.hand.onChoose(kinds[0])
      return { shape, label }
    })
    drawn.sort((one, other) => Number(one.label.chosen) - Number(other.label.chosen)) // the chosen one on top
    const labels = drawn.map(({ label }) => label).filter(label => label.chosen || !place.narrow)
    const sides = [true, false].flatMap(right =>
      spread(
        labels.filter(label => label.right === right),
        place.height
      )
    )
    return [...drawn.map(({ shape }) => shape), ...sides.map(label => labelShape(label, place))]
  }

  /**
   * A gradient, to be dragged or moved with the keys.
   * @param {Point} gradient
   * @param {number} task
   * @param {Place} place
   */
  grip([x, y], task, place) {
    const [right, down] = toScreen(place, [x, y])
    const color = colourOf(task)
    const name = { x: right + 15 * Math.sign(x || 1), y: down - 12 * Math.sign(y || 1) + 4 }
    const label =
      `${gradientName(task)}, the gradient of task ${task + 1}: ${rounded(x)} across, ${rounded(y)} up. ` +
      'Drag it, or move it with the arrow keys.'
    const grip = svg(
      'g',
      { class: 'bench-grip', tabindex: 0, role: 'button', 'data-task': task, 'aria-label': label },
      arrow(place.centre, [right, down], { color, width: 4 }),
      svg('circle', { cx: right, cy: down, r: 22, class: 'bench-touch' }),
      svg('circle', { cx: right, cy: down, r: 7, class: 'bench-knob', stroke: color }),
      svg('text', { ...name, 'text-anchor': 'middle', class: 'bench-task', fill: 'currentColor' }, gradientName(task))
    )
    grip.onpointerdown = event => this.hand.onGrip(event, task)
    grip.onkeydown = event => this.hand.onKey(event, task)
    return grip
  }
}

/** @param {BenchView} view @param {Place} place where an update harms no task */
function coneShapes({ answer }, { centre, radius }) {
  return (answer?.cone ?? []).map(([from, to]) => {
    if (to - from >= 0.01) return svg('path', { d: sector(centre, radius, from, to), class: 'bench-cone' })
    const [x, y] = [centre[0] + radius * Math.cos(from), centre[1] - radius * Math.sin(from)]
    return svg('line', { x1: centre[0], y1: centre[1], x2: x, y2: y, class: 'bench-ray' })
  })
}

/**
 * @param {Group} group
 * @param {boolean} chosen
 * @param {Place} place
 * @returns {{ label: Label, tip: Point }}
 */
function labelOf({ update, names }, chosen, place) {
  const { narrow, scale, centre, radius } = place
  const length = Math.hypot(...update)
  const cut = Math.min(1, (VIEW * 0.985) / Math.max(length, 1e-12))
  const tip = toScreen(place, [update[0] * cut, update[1] * cut])
  const isNothing = length * scale < 1
  const rows = labelRows(names, narrow ? 16 : 22, { isCut: cut < 1, isNothing, length })
  // Its name stands where its ray leaves the disc, so that the lines to the names do not cross.
  const edge = isNothing ? centre[1] : centre[1] - (radius * update[1]) / length
  const y = narrow ? tip[1] : edge
  return { tip, label: { tip, rows, chosen, right: update[0] >= 0, y, tall: rows.length * ROW_OF_NAMES } }
}

/** @param {Label} label @param {Place} place */
function labelShape({ tip, rows, chosen, right, y, tall }, { radius, centre, narrow }) {
  const side = right ? 1 : -1
  const isStart = narrow ? tip[0] < centre[0] : right
  const x = narrow ? tip[0] + (isStart ? AWAY : -AWAY) : centre[0] + side * (radius + AWAY)
  const where = { x, y: y - tall / 2 + BASELINE, 'text-anchor': isStart ? 'start' : 'end' }
  const text = svg('text', { ...where, class: chosen ? 'bench-name bench-chosen' : 'bench-name' }, ...spans(rows, x))
  if (narrow) return text
  const bends = [tip, [centre[0] + side * (radius + 2), y], [x - 2 * side, y]]
  return svg('g', {}, svg('polyline', { points: pointsText(bends), class: 'bench-leader' }), text)
}
