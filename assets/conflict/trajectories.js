// Trajectories over a landscape, in names and words.

import { svg } from '../shared/dom.js'
import { inRows } from '../shared/format.js'
import { spread } from '../shared/labels.js'
import { ROW_OF_NAMES, spans } from './drawing.js'

/** @import { Point } from '../shared/types.d.ts' */
/** @import { Method, Surface, Trajectory } from './types.d.ts' */

/**
 * @typedef {{ head: Point, title: string, chosen: boolean }} Head where a trajectory has come to
 * @typedef {{ head: Point, names: string[], chosen: boolean }} Tag
 * @typedef {[number, number, number, number]} Box left, top, width, height
 */

const AT_BOUND = 0.1 // of the tolerance: nearer than that is on the bound
const NO_MULTIPLIER = 1e-3
const NEAR = 9 // pixels: heads that meet
const LETTERS = 24 // in a row of names

/**
 * Heads that meet carry one tag with all their names; heads outside the box carry none.
 * @param {Head[]} heads the chosen one last
 * @param {Box} box
 * @returns {Tag[]}
 */
export function tagsOf(heads, [left, top, width, height]) {
  /** @type {Tag[]} */
  const tags = []
  for (const { head, title, chosen } of heads.toReversed()) {
    const [x, y] = head
    if (x < left - 1 || x > left + width + 1 || y < top - 1 || y > top + height + 1) continue
    const near = tags.find(tag => Math.hypot(tag.head[0] - x, tag.head[1] - y) < NEAR)
    if (near) {
      near.names.push(title)
      near.chosen ||= chosen
    } else tags.push({ head, names: [title], chosen })
  }
  return tags
}

/** @param {Head[]} heads @param {Box} box */
export function nameTags(heads, box) {
  const [left, top, width, height] = box
  const placed = tagsOf(heads, box).map(tag => {
    const rows = inRows(tag.names, LETTERS, ', ')
    const right = tag.head[0] < left + width * 0.6
    return { ...tag, right, rows, y: tag.head[1], tall: rows.length * ROW_OF_NAMES }
  })
  const sides = [true, false].flatMap(right =>
    spread(
      placed.filter(tag => tag.right === right),
      top + height
    )
  )
  return sides.map(({ head, right, rows, y, tall, chosen }) => {
    const x = head[0] + (right ? 9 : -9)
    const where = { x, y: y - tall / 2 + 10, 'text-anchor': right ? 'start' : 'end' }
    return svg('text', { ...where, class: 'land-name' + (chosen ? ' land-chosen' : '') }, ...spans(rows, x))
  })
}

/**
 * The level that NMT holds the first loss to, from the step on at which its second stage begins; null before.
 * @param {Trajectory | undefined} nmt
 * @param {number} step
 * @param {Surface} surface
 */
export function boundAt(nmt, step, surface) {
  const change = nmt?.stage?.indexOf(1) ?? -1
  return !nmt || change < 0 || step < change ? null : nmt.losses[0][change] + surface.tolerance
}

/**
 * What the chosen method is doing at the step that is shown.
 * @param {Method} method
 * @param {Trajectory | undefined} trajectory
 * @param {number} step
 * @param {Surface} surface
 * @param {number} missing trajectories that are still on their way
 */
export function describeTrajectory({ kind, title }, trajectory, step, surface, missing) {
  const still = missing ? ` ${missing} more on the way.` : ''
  if (!trajectory) return `Walking ${title}.${still}`
  if (trajectory.problem) return `${title}: ${trajectory.problem}`
  const at = Math.min(trajectory.x.length - 1, Math.floor(step))
  const [one, two] = trajectory.losses.map(loss => loss[at].toPrecision(3))
  const losses = `${title}: loss 1 ${one}, loss 2 ${two}.`
  if (kind !== 'nmt') return losses + still
  if (trajectory.stage[at] === 0) return losses + ' First it lowers task 1 alone.' + still
  const bound = describeBound(trajectory, at, surface.tolerance)
  return `${losses} Now task 2, with task 1 held within its bound (the thick line). ${bound}${still}`
}

/**
 * On the bound with a multiplier is where the gradients cancel; short of it or beyond it they do not yet.
 * @param {Trajectory} nmt
 * @param {number} at
 * @param {number} tolerance
 */
function describeBound(nmt, at, tolerance) {
  const room = nmt.losses[0][nmt.stage.indexOf(1)] + tolerance - nmt.losses[0][at]
  const multiplier = `Multiplier ${nmt.multiplier[at].toPrecision(2)}`
  if (room < -AT_BOUND * tolerance) {
    return `${multiplier}: task 1 is beyond its bound, and the multiplier grows until it is back.`
  }
  if (nmt.multiplier[at] <= NO_MULTIPLIER) return 'Multiplier 0: the bound is not reached yet.'
  if (room > AT_BOUND * tolerance) return `${multiplier}, falling: there is room left under the bound.`
  return `${multiplier}: it walks along the bound, where the two gradients oppose each other. That is success.`
}
