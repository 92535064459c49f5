// Two tasks pull at one point: L₁(p) = ½|p − a|², L₂(p) = ½|p − b|². The first is held within a limit ε.

/** @import { Point } from '../shared/types.d.ts' */

export const A = /** @type {Point} */ ([-0.5, 0])
export const B = /** @type {Point} */ ([0.5, 0])
const D = 1 // the distance of the two
const RATE = 0.08
const GROWTH = 0.05 // of the multiplier, for a loss of twice the limit
const DAMPING = 0.6

/**
 * A state of the descent: the point, the growing part μ of the multiplier, the multiplier λ that acts.
 * @typedef {{ at: Point, grown: number, multiplier: number }} State
 */

/** @param {Point} at @param {Point} aim */
export const loss = (at, aim) => ((at[0] - aim[0]) ** 2 + (at[1] - aim[1]) ** 2) / 2

/** @param {number} limit ε @returns {number} of the circle on which L₁ = ε */
export const radius = limit => Math.sqrt(2 * limit)

/** @param {number} limit ε @returns {number} λ at rest: D / √(2ε) − 1, or 0 where the limit binds nothing */
export const multiplierAtRest = limit => Math.max(0, D / radius(limit) - 1)

/** @param {Point} at @returns {State} */
export const begin = at => ({ at, grown: 0, multiplier: 0 })

/**
 * One step: descent on L₂ + λ L₁, ascent on λ by how far L₁ is above the limit.
 * @param {State} state
 * @param {number | null} limit null: nothing is held, λ stays 0
 * @returns {State}
 */
export function step({ at, grown, multiplier }, limit) {
  const share = RATE / (1 + multiplier)
  const next = /** @type {Point} */ (
    at.map((value, axis) => value - share * (value - B[axis] + multiplier * (value - A[axis])))
  )
  if (limit === null) return { at: next, grown: 0, multiplier: 0 }
  const above = loss(next, A) / limit - 1
  const grew = Math.max(0, grown + GROWTH * Math.max(-1, Math.min(1, above)))
  return { at: next, grown: grew, multiplier: Math.max(0, grew + DAMPING * Math.max(-1, Math.min(1, above))) }
}

/** @param {State} state @param {number | null} limit whether nothing moves any more */
export function rests({ at, grown, multiplier }, limit) {
  const pull = Math.hypot(...at.map((value, axis) => value - B[axis] + multiplier * (value - A[axis])))
  const held = limit === null || grown === 0 || Math.abs(loss(at, A) / limit - 1) < 0.01
  return held && Math.abs(multiplier - grown) < 0.01 && pull < 0.02 * (1 + multiplier)
}
