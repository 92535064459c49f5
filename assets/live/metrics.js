// Pictures of what the run reaches on validation rows: each task's metric, and the order of hits.

import { shown } from '../shared/format.js'
import { hover, line } from './panels.js'
import { describeLast, evaluationsOf, keptOf, lastOf, shownEnd, singleTask } from './series.js'

/** @import { Evaluated } from '../shared/events.d.ts' */
/** @import { Plotly } from '../shared/types.d.ts' */
/** @import { Draw, DrawnTask, End, Points, Store } from './types.d.ts' */

/**
 * A task's metric: its name, its value in an evaluation, and whether it has a scale of its own.
 * @param {Store} store
 * @param {DrawnTask} task
 * @returns {{ name: string, value: (event: Evaluated) => number | null, ownScale: boolean }}
 */
function metricOf(store, { position }) {
  const kind = store.kinds[position]
  if (kind === 'regression') return { name: 'RMSE', value: event => event.rmse[position] ?? null, ownScale: true }
  if (kind === 'multiclass') {
    return { name: 'accuracy', value: event => event.accuracy[position] ?? null, ownScale: false }
  }
  return { name: 'AUC', value: event => event.auc[position] ?? null, ownScale: false }
}

/** @type {Draw} */
export function metricPanel(store, tasks) {
  const drawn = tasks.map(task => metricLines(store, task))
  const ends = drawn.map(({ end }) => end)
  const ownScales = ends.some(end => end.second)
  return {
    traces: drawn.flatMap(({ traces }) => traces),
    ends,
    yaxis: { title: { text: 'AUC' }, autorangeoptions: { clipmin: 0, clipmax: 1 } },
    secondAxis: ownScales
      ? { overlaying: 'y', side: 'right', showticklabels: false, showgrid: false, zeroline: false }
      : null,
    takeaway: 'On validation rows: ' + describeLast(ends),
    empty: 'Read from time to time'
  }
}

/**
 * A task's metric over time, the models that its stages kept, and what it reaches when trained alone.
 * @param {Store} store
 * @param {DrawnTask} task
 * @returns {{ traces: Plotly[], end: End }}
 */
function metricLines(store, task) {
  const { name, value, ownScale } = metricOf(store, task)
  const axis = ownScale ? { yaxis: 'y2' } : {}
  const evaluations = evaluationsOf(store, task).filter(event => value(event) !== null)
  /** @type {Points} */
  const points = { x: evaluations.map(event => event.step), y: evaluations.map(value) }
  const dash = ownScale && !task.baseline ? 'dot' : task.dash
  const traces = [
    line(task, points, task.baseline ? 1.5 : 2, dash, {
      ...axis,
      mode: task.baseline ? 'lines' : 'lines+markers',
      marker: { size: 5, symbol: ownScale ? 'square' : 'circle' },
      hovertemplate: hover(name + ' %{y:.4f}', task)
    })
  ]
  const last = lastOf(points)
  const text = name !== 'AUC' && last !== null ? name + ' ' + shown(last, 4) : undefined
  const end = { task, y: last, points, second: ownScale, text }
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
    traces.push(line(task, level, 1.2, 'dash', { ...axis, hovertemplate: hover(name + ' alone %{y:.4f}', task) }))
  }
  return { traces, end }
}

/**
 * What a network of texts says of the order it gives; one line, of all tasks together.
 * @type {Draw}
 */
export function orderPanel(store, _tasks, _options, theme) {
  const evaluations = store.evaluations.filter(
    event => event.phase === 'main' && event.measures?.ndcg_at_10 !== undefined
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
