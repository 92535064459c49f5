// The ground of a landscape: contours, what the two losses can reach, surfaces, and the lines of one level.

import { colourOf, faded, palette } from '../shared/palette.js'

/** @import { Plotly, Point, Theme } from '../shared/types.d.ts' */
/** @import { Drawn, Surface } from './types.d.ts' */

const LEVELS = 14 // contour lines a task

/**
 * Lines at equal steps of the square root of the loss: close together where it is steep, and some left in the valley.
 * @param {Surface} surface
 * @param {number} task
 * @returns {Plotly}
 */
export function contour({ x, y, losses }, task) {
  const root = losses[task].map(row => row.map(value => Math.sqrt(Math.max(0, value))))
  const most = Math.max(...root.flat())
  const least = Math.min(...root.flat())
  const size = (most - least) / LEVELS
  return {
    type: 'contour',
    x,
    y,
    z: root,
    showscale: false,
    hoverinfo: 'skip',
    line: { width: 1, color: colourOf(task) },
    opacity: 0.75,
    ncontours: LEVELS,
    contours: { coloring: 'lines', start: least + size / 2, end: most, size },
    colorscale: [0, 1].map(end => [end, colourOf(task)])
  }
}

/**
 * @param {Surface} surface @param {Theme} theme
 * @returns {Plotly[]} a star where each loss is least, its name in ink
 */
export const optima = (surface, theme) =>
  surface.optima.map(([x, y], task) => ({
    type: 'scatter',
    mode: 'markers+text',
    x: [x],
    y: [y],
    text: ['best for ' + (task + 1)],
    textposition: 'bottom center',
    textfont: { color: theme.text, size: 11 },
    marker: { symbol: 'star', size: 12, color: colourOf(task) },
    hoverinfo: 'skip'
  }))

/** @param {number[]} axis @param {number} value @returns {number} the place on the axis that is nearest to it */
export const nearest = (axis, value) =>
  axis.reduce((best, at, i) => (Math.abs(at - value) < Math.abs(axis[best] - value) ? i : best), 0)

/**
 * Every point of the grid in the plane of losses: where the cloud ends, lower left, lies the front. The picture reaches
 * a little past what each task loses at the other's optimum.
 * @param {Surface} surface
 * @returns {{ range: Point, points: number[][] }}
 */
export function reachable({ x, y, losses, optima: best }) {
  const atOther = best.map(([a, b], task) => losses[1 - task][nearest(y, b)][nearest(x, a)])
  const end = 1.2 * Math.max(...atOther)
  const other = losses[1].flat()
  const points = losses[0].flat().map((value, i) => [value, other[i]])
  return { range: [-0.04 * end, end], points: points.filter(([a, b]) => a <= end && b <= end) }
}

/** @param {number[][]} points @returns {Plotly} */
export const cloud = points => ({
  type: 'scatter',
  mode: 'markers',
  x: points.map(([a]) => a),
  y: points.map(([, b]) => b),
  marker: { size: 2.5, color: faded(palette.grey, 0.45) },
  hoverinfo: 'skip'
})

/**
 * Where a loss has the value `level`: pieces of straight line, one for each cell that it crosses.
 * @param {Surface} surface
 * @param {number} task
 * @param {number} level
 * @returns {[Point, Point][]}
 */
export function levelLines({ x, y, losses }, task, level) {
  const z = losses[task]
  /** @type {[Point, Point][]} */
  const pieces = []
  for (let row = 0; row + 1 < y.length; row++) {
    for (let column = 0; column + 1 < x.length; column++) {
      const crossings = crossingsOf(x, y, z, row, column, level)
      for (let i = 0; i + 1 < crossings.length; i += 2) pieces.push([crossings[i], crossings[i + 1]])
    }
  }
  return pieces
}

/**
 * Where the sides of one cell cross a level, by linear interpolation between its corners.
 * @param {number[]} x
 * @param {number[]} y
 * @param {number[][]} z
 * @param {number} row
 * @param {number} column
 * @param {number} level
 * @returns {Point[]}
 */
function crossingsOf(x, y, z, row, column, level) {
  const corners = [
    [column, row],
    [column + 1, row],
    [column + 1, row + 1],
    [column, row + 1]
  ]
  return corners.flatMap(([i, j], side) => {
    const [k, l] = corners[(side + 1) % 4]
    const from = z[j][i] - level
    const to = z[l][k] - level
    if (from < 0 === to < 0) return []
    const share = from / (from - to)
    return [/** @type {Point} */ ([x[i] + share * (x[k] - x[i]), y[j] + share * (y[l] - y[j])])]
  })
}

/**
 * Both losses as surfaces, and the trajectories on the higher of the two, so that none is hidden beneath.
 * @param {Surface} surface
 * @param {Drawn[]} drawn
 * @param {number} step
 * @param {Theme} theme
 * @returns {{ traces: Plotly[], top: number }}
 */
export function solidTraces({ x, y, losses }, drawn, step, theme) {
  const starts = drawn.flatMap(({ trajectory }) => trajectory.losses.map(([first]) => first))
  const top = Math.max(...starts, 1e-9) * 1.15
  const surfaces = losses.map((z, task) => ({
    type: 'surface',
    x,
    y,
    z,
    showscale: false,
    opacity: 0.62,
    hoverinfo: 'skip',
    colorscale: [0, 1].map(end => [end, colourOf(task)]),
    lighting: { ambient: 0.75, diffuse: 0.6 },
    contours: { z: { show: true, color: colourOf(task), width: 1, start: 0, end: top, size: top / 12 } }
  }))
  return { traces: [...surfaces, ...drawn.map(one => solidTrajectory(one, step, top, theme))], top }
}

/**
 * @param {Drawn} drawn
 * @param {number} step
 * @param {number} top
 * @param {Theme} theme
 * @returns {Plotly}
 */
function solidTrajectory({ title, trajectory, chosen }, step, top, theme) {
  const { x, y, losses } = trajectory
  const seen = Math.min(x.length, step + 1)
  const z = losses[0].slice(0, seen).map((value, i) => Math.min(top, Math.max(value, losses[1][i]) * 1.01))
  /** @template T @param {T} last @param {T} before */
  const atHead = (last, before) => z.map((_, i) => (i === seen - 1 ? last : before))
  return {
    type: 'scatter3d',
    mode: 'lines+markers+text',
    x: x.slice(0, seen),
    y: y.slice(0, seen),
    z,
    name: title,
    hoverinfo: 'name',
    line: { color: theme.text, width: chosen ? 8 : 3 },
    text: atHead(chosen ? title : '', ''),
    textfont: { color: theme.text, size: 12 },
    marker: { size: atHead(chosen ? 6 : 4, 0), color: theme.text, line: { width: 0 } }
  }
}
