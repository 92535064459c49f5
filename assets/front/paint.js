// The figure that the server made names colours of the theme; here they get their values.

/** @import { Plotly } from '../shared/types.d.ts' */

/**
 * A copy of a figure, or of a part of it, in which every field that is called …color has the theme's value.
 * @param {any} value
 * @param {Record<string, unknown>} theme
 * @returns {any}
 */
export function painted(value, theme) {
  if (Array.isArray(value)) return value.map(part => painted(part, theme))
  if (!value || typeof value !== 'object') return value
  const fields = Object.entries(value).map(([name, part]) => [
    name,
    name.endsWith('color') ? colour(part, theme) : painted(part, theme)
  ])
  return Object.fromEntries(fields)
}

/** @param {any} part @param {Record<string, unknown>} theme */
const colour = (part, theme) => (Array.isArray(part) ? part.map(one => theme[one] ?? one) : (theme[part] ?? part))

/** @param {Plotly[]} traces @returns {number} points that stand for a setting, each counted once a trace */
export const pointsIn = traces =>
  traces.reduce((sum, { customdata }) => sum + (customdata ? new Set(customdata).size : 0), 0)
