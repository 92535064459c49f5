// What a ranking is, with nothing drawn: an order of names, and a tolerance for each.

const DIGITS = 6 // significant ones of a tolerance as it is written

/**
 * The order with one name moved by so many places; null where it would leave the list.
 * @param {string[]} order
 * @param {string} name
 * @param {number} by
 */
export function movedBy(order, name, by) {
  const from = order.indexOf(name)
  const to = from + by
  if (from < 0 || to < 0 || to >= order.length) return null
  const moved = order.filter(other => other !== name)
  moved.splice(to, 0, name)
  return moved
}

/** @param {number} tolerance @param {number} scale of what is shown against what is sent */
export const writtenTolerance = (tolerance, scale) => Number((tolerance * scale).toPrecision(DIGITS))

/** @param {number} written @param {number} scale @returns {number | null} null where it is no tolerance */
export const readTolerance = (written, scale) => (Number.isFinite(written) && written >= 0 ? written / scale : null)
