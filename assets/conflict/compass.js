// The compass: the tasks' gradients as arrows in their own plane, the method's update among them.

import { svg } from '../shared/dom.js'
import { spread } from '../shared/labels.js'
import { valueAt } from '../live/series.js'
import { arrow, spans } from './drawing.js'
import { nameOf, normOf, tasksOf } from './probes.js'

/** @import { Point } from '../shared/types.d.ts' */
/** @import { Probed } from '../shared/events.d.ts' */
/** @import { Store, TaskLabel } from '../live/types.d.ts' */

/**
 * A task's gradient, or with `task` null the method's update.
 * @typedef {{ task: number | null, at: Point }} Arrow
 *
 * `exact`: the run logged the arrows itself. `kept`: share of the gradients' squared length that lies in the plane.
 * @typedef {{ arrows: Arrow[], exact: boolean, kept: number }} Compass
 */

const TURNS = 300 // of the power iteration
const NOTHING = 1e-300
const MOST_WHOLE = 0.995 // share of the squared lengths from which on the plane keeps all of them
const ROOM_FOR_NAMES = 62 // pixels on either side
const UPDATE_SHARE = 0.8 // of the disc: the update has its own scale; what matters is where it points
const LEAST_SHARE = 0.12 // of the disc, for a gradient however short
const NAME_HEIGHT = 13 // pixels
const ROW = 15 // pixels, of a sentence

/**
 * Coordinates of K vectors in the plane of their first two principal directions, from their products alone: with
 * G = V Λ Vᵀ the k-th has the coordinates V_k √Λ. For two tasks nothing is lost.
 * @param {number[][]} gram K × K
 * @returns {Point[]}
 */
export function planeOf(gram) {
  let rest = gram.map(row => [...row])
  const axes = [0, 1].map(axis => {
    const { vector, value } = principal(rest, axis)
    rest = rest.map((row, i) => row.map((entry, j) => entry - value * vector[i] * vector[j]))
    return vector.map(entry => (value < NOTHING ? 0 : entry * Math.sqrt(Math.max(0, value))))
  })
  return gram.map((_, i) => [axes[0][i], axes[1][i]])
}

/**
 * The first eigenvector and its eigenvalue, by power iteration.
 * @param {number[][]} matrix
 * @param {number} axis starts the iteration off the axis before
 */
function principal(matrix, axis) {
  let vector = matrix.map((_, i) => 1 + 0.3 * i - (axis && i === 0 ? 2.2 : 0))
  let value = 0
  for (let turn = 0; turn < TURNS; turn++) {
    const next = matrix.map(row => row.reduce((sum, entry, i) => sum + entry * vector[i], 0))
    value = Math.hypot(...next)
    if (value < NOTHING) break
    vector = next.map(entry => entry / value)
  }
  return { vector, value }
}

/**
 * The products of the gradients that a probe's norms and cosines give.
 * @param {Probed} probe
 * @param {number[]} tasks
 * @param {number[]} norms
 */
function gramOf(probe, tasks, norms) {
  return tasks.map((one, i) =>
    tasks.map((other, j) => {
      if (i === j) return norms[i] ** 2
      const which = probe.pairs.findIndex(([a, b]) => a === Math.min(one, other) && b === Math.max(one, other))
      return (probe.cosine[which] ?? 0) * norms[i] * norms[j]
    })
  )
}

/**
 * The weight of each loss at a step, from the run's curves: the method's step over the shared part is their sum.
 * @param {Store} store
 * @param {number} step
 */
const weightsAt = (store, step) =>
  store.tasks.map(task => valueAt(store, 'weight/' + task, step) ?? store.series.get('weight/' + task)?.y[0] ?? null)

/**
 * @param {Store} store
 * @param {Probed} probe
 * @returns {Compass}
 */
export function compassOf(store, probe) {
  const logged = probe.compass
  if (logged) {
    /** @type {Arrow[]} */
    const arrows = logged.tasks.map((task, i) => ({ task, at: logged.gradients[i] }))
    return { arrows: upright([...arrows, { task: null, at: logged.update }]), exact: true, kept: logged.kept }
  }
  const tasks = tasksOf(probe)
  const norms = tasks.flatMap(task => normOf(probe, task) ?? [])
  if (tasks.length < 2 || norms.length < tasks.length) return { arrows: [], exact: false, kept: 1 }
  const gram = gramOf(probe, tasks, norms)
  const plane = planeOf(gram)
  /** @type {Arrow[]} */
  const arrows = tasks.map((task, i) => ({ task, at: plane[i] }))
  const all = weightsAt(store, probe.step)
  const weights = tasks.flatMap(task => all[task] ?? [])
  if (weights.length === tasks.length) {
    /** @param {number} axis */
    const along = axis => weights.reduce((sum, weight, i) => sum + weight * plane[i][axis], 0)
    arrows.push({ task: null, at: [along(0), along(1)] })
  }
  const whole = gram.reduce((sum, row, i) => sum + row[i], 0)
  const inPlane = plane.reduce((sum, [x, y]) => sum + x * x + y * y, 0)
  return { arrows: upright(arrows), exact: false, kept: whole ? Math.min(1, inPlane / whole) : 1 }
}

/**
 * The first task points to the right and the second upwards: a plane has no top, and so the picture does not flip from
 * probe to probe.
 * @param {Arrow[]} arrows
 * @returns {Arrow[]}
 */
export function upright(arrows) {
  const [x, y] = arrows[0]?.at ?? [1, 0]
  const length = Math.hypot(x, y)
  if (!length) return arrows
  const turned = arrows.map(({ task, at: [a, b] }) => ({
    task,
    a: (a * x + b * y) / length,
    b: (b * x - a * y) / length
  }))
  const second = turned[1]
  const flip = second && second.task !== null && second.b < 0 ? -1 : 1
  return turned.map(({ task, a, b }) => ({ task, at: [a, flip * b] }))
}

/**
 * Draws the compass; says what it shows, and what about it is not exact.
 * @param {SVGSVGElement} picture
 * @param {Store} store
 * @param {Probed} probe
 * @param {TaskLabel[]} tasks
 * @param {string} method its title
 * @returns {{ note: string, takeaway: string }}
 */
export function drawCompass(picture, store, probe, tasks, method) {
  const { clientWidth: width = 0, clientHeight: height = 0 } = picture.parentElement ?? {}
  if (width < 40 || height < 40) return { takeaway: '', note: '' }
  const compass = compassOf(store, probe)
  /** @param {number | null} task */
  const name = task => (task === null ? method : nameOf(store, task))
  /** @type {Point} */
  const centre = [width / 2, height / 2]
  const radius = Math.min(width / 2 - ROOM_FOR_NAMES, height / 2 - 12)
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`)
  const lengths = compass.arrows.flatMap(({ task, at }) => (task === null ? [] : [Math.hypot(...at)]))
  const longest = Math.max(...lengths, NOTHING)
  const drawn = compass.arrows.map(({ task, at }) => {
    const tip = tipOf({ task, at }, longest, centre, radius)
    const colour = task === null ? 'currentColor' : tasks[task].color
    const style = task === null ? { color: colour, width: 2.5, dash: '6 3' } : { color: colour, width: 3.5 }
    const label = { tip, right: at[0] >= 0, y: tip[1], tall: NAME_HEIGHT, text: name(task) }
    return { shape: arrow(centre, tip, style), label }
  })
  const labels = drawn.map(({ label }) => label)
  const placed = [true, false].flatMap(right =>
    spread(
      labels.filter(label => label.right === right),
      height
    )
  )
  picture.replaceChildren(
    svg('circle', { cx: centre[0], cy: centre[1], r: radius, class: 'compass-disc' }),
    ...drawn.map(({ shape }) => shape),
    ...placed.map(label => nameShape(label, width))
  )
  const takeaway = compass.arrows.map(({ task, at: [x, y] }) => {
    const degrees = Math.round((Math.atan2(y, x) * 180) / Math.PI)
    return `${name(task)} points to ${degrees}°`
  })
  return { note: describeSource(compass), takeaway: takeaway.join(', ') }
}

/**
 * @param {Arrow} arrow
 * @param {number} longest
 * @param {Point} centre
 * @param {number} radius
 * @returns {Point}
 */
function tipOf({ task, at }, longest, centre, radius) {
  const length = Math.hypot(...at)
  if (length < 1e-12 * longest) return centre
  const share = task === null ? UPDATE_SHARE : Math.max(LEAST_SHARE, length / longest)
  const size = (radius * share) / Math.max(length, NOTHING)
  return [centre[0] + at[0] * size, centre[1] - at[1] * size]
}

/** @param {Compass} compass where its arrows come from, and what the plane loses */
function describeSource({ arrows, exact, kept }) {
  const hasUpdate = arrows.some(({ task }) => task === null)
  const derived = hasUpdate ? 'From logged norms, cosines and weights. ' : 'The update is not in this log. '
  const lost = kept < MOST_WHOLE ? `The plane keeps ${Math.round(100 * kept)} % of the squared lengths.` : ''
  return (exact ? '' : derived) + lost
}

/** @param {{ tip: Point, right: boolean, y: number, text: string }} label @param {number} width */
function nameShape({ tip, right, y, text }, width) {
  const x = Math.max(4, Math.min(width - 4, tip[0] + (right ? 9 : -9)))
  const where = { x, y: y + 4, 'text-anchor': right ? 'start' : 'end' }
  const name = svg('text', { ...where, class: 'compass-name' }, text)
  requestAnimationFrame(() => keepInside(name, width))
  return name
}

/** @param {SVGTextElement} name that would leave the picture is moved back into it @param {number} width */
function keepInside(name, width) {
  if (!name.isConnected) return
  const { x, width: long } = name.getBBox()
  const right = Math.min(0, width - 2 - x - long)
  const move = x < 2 ? 2 - x : right
  if (move) name.setAttribute('transform', `translate(${move} 0)`)
}

/** @param {SVGSVGElement} picture an empty one @param {string} text a sentence in its middle */
export function writeIn(picture, text) {
  picture.removeAttribute('viewBox')
  const where = { x: '50%', y: '50%', 'text-anchor': 'middle', class: 'compass-empty' }
  picture.replaceChildren(svg('text', where, ...spans(text.split('<br>'), '50%', ROW)))
}
