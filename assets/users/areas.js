// Areas that a person draws on the map.

/** @import { Point } from '../shared/types.d.ts' */

/**
 * What plotly says of a selection: a box or a lasso.
 * @typedef {object} Selection
 * @property {{ x: [number, number], y: [number, number] }} [range]
 * @property {{ x: number[], y: number[] }} [lassoPoints]
 */

/** @param {Selection} selection @returns {Point[]} its corners, in their order */
export function cornersOf({ range, lassoPoints }) {
  if (lassoPoints) return lassoPoints.x.map((x, at) => [x, lassoPoints.y[at]])
  if (!range) return []
  const [left, right] = range.x
  const [one, other] = range.y
  return [
    [left, one],
    [right, one],
    [right, other],
    [left, other]
  ]
}

/** @param {Point[]} area @returns {string} as a path of SVG */
export const areaPath = area => 'M' + area.map(([x, y]) => `${x},${y}`).join('L') + 'Z'
