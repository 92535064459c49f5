// Pictures of a run's losses and bounds: from what the browser holds to traces and marks for plotly.js.
// Colour is the task; dash is what kind of line it is; grey is the pinned baseline. No colour stands alone: dashes,
// markers and a name at the line's end say the same.

import { palette, faded } from '../shared/palette.js'
import { boundLine, describeLast, evaluationsOf, lastOf, pointsOf, shareOf } from './series.js'

/** @import { Plotly } from '../shared/types.d.ts' */
/** @import { Draw, DrawnTask, End, Options, Points, Store } from './types.d.ts' */

const FAR_DOWN = -1e6 // below any violation

/**
 * @param {{ color: string }} task
 * @param {Points} points
 * @param {number} width
 * @param {string} dash
 * @param {Plotly} [more]
 * @returns {Plotly}
 */
export function line(task, points, width, dash, more = {}) {
  return { type: 'scatter', mode: 'lines', x: points.x, y: points.y, line: { color: task.color, width, dash }, ...more }
}

/** @param {string} figure @param {{ title: string }} task what stands beside the pointer, the task's name after it */
export const hover = (figure, task) => `${figure}<extra>${task.title}</extra>`

/**
 * What the empty multiplier panel waits for: nothing is protected before the first task's stage is over; how long that
 * may still last.
 * @param {Store} store
 * @param {DrawnTask[]} tasks
 * @param {Options} options
 */
export function untilMultipliers(store, tasks, { constrained, stepsUntilBounds }) {
  if (!constrained) return 'This method has no multipliers'
  const stage = store.stages.find(held => held.stage === 0)
  if (!stage || !stepsUntilBounds) return 'Multipliers begin with the first bound'
  const name = stage.phase === 'together' ? store.priority[0] : stage.objective[0]
  const first = tasks.find(task => task.name === name)?.title ?? 'The first task'
  const left = Math.max(0, stage.start + stepsUntilBounds - store.step)
  if (!left) return 'No multiplier is recorded'
  if (stage.phase === 'together')
    return (
      `All tasks are trained together first;<br>what ${first} reaches then becomes its bound.<br><br>` +
      `Multipliers begin in at most ${left} steps`
    )
  return (
    `Stage 1: ${first} is trained alone;<br>what it reaches becomes its bound.<br><br>` +
    `Multipliers begin with stage 2,<br>in at most ${left} steps`
  )
}

/** @type {Draw} */
export function multiplierPanel(store, tasks, options) {
  const lines = tasks.map(task => ({ task, points: pointsOf(store, 'multiplier', task) }))
  return {
    traces: lines.map(({ task, points }) =>
      line(task, points, 2, task.dash, { name: task.title, hovertemplate: hover('%{y:.3g}', task) })
    ),
    ends: lines.map(({ task, points }) => ({ task, y: lastOf(points) })),
    yaxis: { rangemode: 'tozero', title: { text: 'Multiplier' } },
    takeaway: 'Multipliers: ' + describeLast(lines),
    empty: untilMultipliers(store, tasks, options)
  }
}

/**
 * Losses as a share of what the best constant guess loses, so that frequent and rare tasks compare; or as they are.
 * @type {Draw}
 */
export function lossPanel(store, tasks, options, theme) {
  /** @type {Plotly[]} */
  const traces = []
  /** @type {End[]} */
  const ends = []
  for (const task of tasks) {
    const unit = options.unscaled ? 1 : store.base[task.position] || 1
    const scaled = (/** @type {number} */ value) => value / unit
    if (!task.baseline) {
      const raw = pointsOf(store, 'loss', task, scaled)
      const bounds = boundLine(store, task.position, options.unit, scaled)
      const evaluations = evaluationsOf(store, task)
      traces.push(
        line(task, raw, 1, 'solid', { opacity: theme.faint, hoverinfo: 'skip' }),
        line(task, bounds, 1.5, 'dash', { hovertemplate: hover('bound %{y:.4f}', task) }),
        {
          type: 'scatter',
          mode: 'markers',
          x: evaluations.map(event => event.step),
          y: evaluations.map(event => scaled(event.loss[task.position] ?? NaN)),
          marker: { color: task.color, size: 4, symbol: 'circle-open' },
          hovertemplate: hover('on validation rows %{y:.4f}', task)
        }
      )
    }
    const smooth = pointsOf(store, 'smooth_loss', task, scaled)
    traces.push(line(task, smooth, 2, task.dash, { hovertemplate: hover('%{y:.4f}', task) }))
    ends.push({ task, y: lastOf(smooth), points: smooth })
  }
  return {
    traces,
    ends,
    yaxis: { title: { text: options.unscaled ? 'Loss' : 'Loss (1 = always guessing the average)' } },
    takeaway: 'Training losses: ' + describeLast(ends),
    empty: 'Begins with the first step'
  }
}

/** @type {Draw} */
export function slackPanel(store, tasks, { constrained, unit }) {
  const inPoints = unit === 'metric'
  const figure = inPoints ? '%{y:.4f}' : '%{y:.2f} %'
  const least = inPoints ? 0.001 : 0.5
  /** @type {Plotly[]} */
  const traces = []
  /** @type {End[]} */
  const ends = []
  const values = [-least, least]
  for (const task of tasks) {
    const share = shareOf(store, task.position, unit)
    if (!task.baseline && !inPoints) {
      // training batches have no metric
      const train = pointsOf(store, 'smooth_violation_train', task, share)
      traces.push(line(task, train, 1.3, 'dot', { hovertemplate: hover('training ' + figure, task) }))
      values.push(...known(train))
    }
    const validation = pointsOf(store, 'violation', task, share)
    traces.push(line(task, validation, 2, task.dash, { hovertemplate: hover(figure, task) }))
    ends.push({ task, y: lastOf(validation), points: validation })
    values.push(...known(validation))
  }
  return {
    traces,
    ends,
    yaxis: {
      range: [Math.min(...values) * 1.15, Math.max(...values) * 1.15],
      title: { text: inPoints ? 'Metric points outside its bound' : '% of the loss above its bound' },
      zeroline: true,
      zerolinewidth: 2
    },
    shapes: [satisfiedSide()],
    takeaway:
      `Above (+) or within (−) its bound, in ${inPoints ? 'points of the metric' : 'per cent'}: ` + describeLast(ends),
    empty: constrained ? 'No bound to keep yet' : 'This method keeps no bounds'
  }
}

/** @param {Points} points @returns {number[]} */
const known = ({ y }) => y.filter(value => value !== null)

/** Below zero a bound is kept. @returns {Plotly} */
const satisfiedSide = () => ({
  type: 'rect',
  xref: 'paper',
  x0: 0,
  x1: 1,
  y0: FAR_DOWN,
  y1: 0,
  line: { width: 0 },
  layer: 'below',
  fillcolor: faded(palette.satisfied, 0.1)
})
