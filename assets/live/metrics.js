// Pictures of what the run reaches on validation rows: each task's metric, and the order of hits.

import { shown } from '../shared/format.js'
import { hover, line } from './panels.js'
import { describeLast, evaluationsOf, keptOf, lastOf, shownEnd, singleTask } from './series.js'

/** @import { Plotly } from '../shared/types.d.ts' */
/** @import { Draw, DrawnTask, End, Metric, Points, Store } from './types.d.ts' */

/** @typedef {DrawnTask & { metric: Metric }} Measured a task that has a metric beside its loss */

const END_DIGITS = 4 // significant ones, at a line's end
const SECOND_AXIS = { overlaying: 'y', side: 'right', showticklabels: false, showgrid: false, zeroline: false }

/**
 * Each task by the metric that the page names for it: shares (AUC, accuracy) on the axis, which bears the name of the
 * first of them, and figures in a unit of their own on a second one without numbers.
 * @type {Draw}
 */
export function metricPanel(store, tasks) {
  const measured = tasks.flatMap(task => (task.metric ? [{ ...task, metric: task.metric }] : []))
  const onAxis = measured.find(task => task.metric.is_share)?.metric.name ?? ''
  const drawn = measured.map(task => metricLines(store, task, onAxis))
  const ends = drawn.map(({ end }) => end)
  return {
    traces: drawn.flatMap(({ traces }) => traces),
    ends,
    yaxis: { title: { text: onAxis }, autorangeoptions: { clipmin: 0, clipmax: 1 } },
    secondAxis: ends.some(end => end.second) ? SECOND_AXIS : null,
    takeaway: 'On validation rows: ' + describeLast(ends),
    empty: 'Read from time to time'
  }
}

/**
 * A task's metric over time, the models that its stages kept, and what it reaches when trained alone.
 * @param {Store} store
 * @param {Measured} task
 * @param {string} onAxis the metric that the axis is named by
 * @returns {{ traces: Plotly[], end: End }}
 */
function metricLines(store, task, onAxis) {
  const { name, digits, is_share: isShare } = task.metric
  const figure = `%{y:.${digits}f}`
  const axis = isShare ? {} : { yaxis: 'y2' }
  /** @param {import('../shared/events.d.ts').Evaluated} event */
  const value = event => event.metric[task.position] ?? null
  const evaluations = evaluationsOf(store, task).filter(event => value(event) !== null)
  /** @type {Points} */
  const points = { x: evaluations.map(event => event.step), y: evaluations.map(value) }
  const traces = [
    line(task, points, task.baseline ? 1.5 : 2, isShare || task.baseline ? task.dash : 'dot', {
      ...axis,
      mode: task.baseline ? 'lines' : 'lines+markers',
      marker: { size: 5, symbol: isShare ? 'circle' : 'square' },
      hovertemplate: hover(`${name} ${figure}`, task)
    })
  ]
  const last = lastOf(points)
  const text = name !== onAxis && last !== null ? name + ' ' + shown(last, END_DIGITS) : undefined
  const end = { task, y: last, points, second: !isShare, text }
  if (task.baseline) return { traces, end }
  const kept = keptOf(store, task.name, evaluations)
  if (kept.length) {
    traces.push({
      type: 'scatter',
      mode: 'markers',
      x: kept.map(event => event.step),
      y: kept.map(value),
      ...axis,
      marker: { symbol: 'diamond-open', size: 11, color: task.color, line: { width: 2 } },
      hovertemplate: hover('kept by its stage', task)
    })
  }
  const alone = singleTask(store, task.position, value)
  if (alone !== null) {
    const level = { x: [0, shownEnd(store)], y: [alone, alone] }
    traces.push(line(task, level, 1.2, 'dash', { ...axis, hovertemplate: hover(`${name} alone ${figure}`, task) }))
  }
  return { traces, end }
}

/**
 * What a network of texts says of the order it gives; one line, of all tasks together.
 * @type {Draw}
 */
export function orderPanel(store, _tasks, _options, theme) {
  const evaluations = store.evaluations.filter(
    event => event.phase !== 'reference' && event.measures?.ndcg_at_10 !== undefined
  )
  const values = evaluations.map(event => event.measures.ndcg_at_10)
  const points = { x: evaluations.map(event => event.step), y: values }
  const all = { title: 'NDCG@10', color: theme.text }
  const last = lastOf(points)
  const range = values.length
    ? { range: [Math.min(...values) - 0.03, Math.min(1.005, Math.max(...values) + 0.03)] }
    : {}
  return {
    traces: [
      line(all, points, 2, 'solid', {
        mode: 'lines+markers',
        marker: { size: 6 },
        hovertemplate: 'NDCG@10 %{y:.4f}<extra></extra>'
      })
    ],
    ends: [{ task: all, y: last, points, text: last === null ? undefined : 'NDCG ' + shown(last) }],
    yaxis: { ...range, title: { text: 'NDCG@10' } },
    takeaway: 'NDCG@10 ' + shown(last),
    empty: 'Read from time to time'
  }
}
