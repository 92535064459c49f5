// What the arrows of the bench say: which methods agree, and where conflict is.

import { angle, inRows, rounded } from '../shared/format.js'

/** @import { Point } from '../shared/types.d.ts' */
/** @import { BenchView, Directions } from './types.d.ts' */

const SAME = 0.015 // updates closer than this share of their length are one arrow with several names
const SMALL = 0.05 // … and this is the least length that the share is taken of
const MOST_NAMES = 4 // on one arrow; the list at the side has them all
const OPPOSED = -0.985 // cosine
const INDEX = '₁₂₃'

/** @param {number} task */
export const gradientName = task => 'g' + INDEX[task]

/**
 * Methods with one and the same update: their places among the methods.
 * @typedef {{ update: Point, names: string[], places: number[] }} Group
 */

/**
 * One group for all methods that agree.
 * @param {BenchView} view
 * @returns {Group[]}
 */
export function groupsOf({ methods, hidden, answer }) {
  /** @type {Group[]} */
  const groups = []
  for (const [place, { kind, title }] of methods.entries()) {
    const update = answer?.methods[kind]?.update
    if (!update || hidden.has(kind)) continue
    const near = groups.find(group => isSame(group.update, update))
    if (near) {
      near.names.push(title)
      near.places.push(place)
    } else groups.push({ update, names: [title], places: [place] })
  }
  return groups
}

/** @param {Point} one @param {Point} other */
const isSame = (one, other) =>
  Math.hypot(one[0] - other[0], one[1] - other[1]) <= SAME * Math.max(SMALL, Math.hypot(...one), Math.hypot(...other))

/**
 * What stands at the end of an arrow: the names in rows, and what the arrow itself cannot show.
 * @param {string[]} names
 * @param {number} letters in a row
 * @param {{ isCut: boolean, isNothing: boolean, length: number }} arrow
 */
export function labelRows(names, letters, { isCut, isNothing, length }) {
  const folded = names.length > MOST_NAMES ? [...names.slice(0, 3), `${names.length - 3} more`] : names
  const rows = inRows(folded, letters, ', ')
  if (isCut) rows.push(`(length ${rounded(length, 1)})`)
  if (isNothing) rows.push('no step')
  return rows
}

/**
 * The angles between the gradients, and whether any update can please every task.
 * @param {Directions} answer
 * @param {number} tasks
 */
export function describeGeometry(answer, tasks) {
  const pairs = []
  for (let i = 0; i < tasks; i++) {
    for (let j = i + 1; j < tasks; j++) {
      const cosine = answer.cosines[i]?.[j] ?? null
      if (cosine !== null) pairs.push({ i, j, cosine })
    }
  }
  if (!pairs.length) return 'A gradient of length 0 has no direction: that task asks for no change.'
  const angles = pairs
    .map(({ i, j, cosine }) => `${angle(cosine)} between ${gradientName(i)} and ${gradientName(j)}`)
    .join(', ')
  if (pairs.some(({ cosine }) => cosine < OPPOSED)) {
    return (
      `${angles}: opposed. No step lowers both losses. At an active bound of NMT this is what success looks like: ` +
      'the multiplier weighs the two until they cancel.'
    )
  }
  if (!answer.cone?.length) {
    return `${angles}. No direction lowers every loss at once: there is no cone of non-conflict.`
  }
  const isConflict = pairs.some(({ cosine }) => cosine < 0)
  const conflict = isConflict ? 'A conflict: the plain sum may harm a task.' : 'No conflict.'
  return `${angles}. ${conflict} An update inside the shaded cone harms no task.`
}

const STILL = 1e-9 // |update| · |gradient| below which the update is no step
const FLAT = 0.005 // cosine below which a loss stays as it is, to first order

/**
 * What an update does to a task: the cosine with its gradient, since the optimiser subtracts the update.
 * @param {Point} update
 * @param {number} product of the update and the gradient
 * @param {Point} gradient
 * @returns {{ text: string, title: string, harms: boolean }}
 */
export function effectOf(update, product, gradient) {
  const size = Math.hypot(...update) * Math.hypot(...gradient)
  if (size < STILL) return { text: 'stays', title: '', harms: false }
  const cosine = Math.max(-1, Math.min(1, product / size))
  if (Math.abs(cosine) < FLAT) return { text: 'stays', title: 'unchanged to first order', harms: false }
  const figure = Math.abs(cosine).toFixed(2)
  if (cosine > 0) return { text: '▼ ' + figure, title: 'falls', harms: false }
  return { text: '▲ ' + figure, title: 'rises: this task is harmed', harms: true }
}
