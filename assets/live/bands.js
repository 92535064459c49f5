// What lies behind and above every panel: the stages as tinted bands with their names, and a line for each live edit.

import { inSentence, percent, spoken } from '../shared/format.js'

/** @import { Plotly, Theme } from '../shared/types.d.ts' */
/** @import { Changed } from '../shared/events.d.ts' */
/** @import { Stage, Store, TaskLabel } from './types.d.ts' */

export const LETTER = 5.6 // pixels

/** @param {TaskLabel[]} tasks @param {string} name */
const titleOf = (tasks, name) => tasks.find(task => task.name === name)?.title ?? spoken(name)

/**
 * Bands of the stages, tinted with the colour of the task that the stage improves, grey where that is all of them.
 * @param {Store} store
 * @param {TaskLabel[]} tasks
 * @param {boolean} tinted
 * @param {Theme} theme
 * @returns {Plotly[]}
 */
export function stageBands(store, tasks, tinted, theme) {
  return ownStages(store).flatMap(stage => {
    const upright = { yref: 'paper', y0: 0, y1: 1, layer: 'below' }
    const begin = {
      ...upright,
      type: 'line',
      x0: stage.start,
      x1: stage.start,
      line: { color: theme.border, width: 1 }
    }
    const band = {
      ...upright,
      type: 'rect',
      x0: stage.start,
      x1: stage.end ?? store.step,
      fillcolor: (!isTogether(stage) && tasks.find(task => task.name === stage.objective[0])?.color) || theme.muted,
      opacity: 0.08,
      line: { width: 0 }
    }
    return tinted ? [band, begin] : [begin]
  })
}

/** @param {Store} store @returns {Stage[]} */
const ownStages = store =>
  store.stages.filter((stage, at) => stage.phase !== 'reference' && !setsBound(stage, store.stages[at - 1]))

/**
 * A single step after a common start that takes the first task's bound from it: told as the end of that start. A
 * longer stage improves the first task alone, and is one like the others.
 * @param {Stage} stage
 * @param {Stage | undefined} before
 */
const setsBound = (stage, before) =>
  before !== undefined &&
  isTogether(before) &&
  stage.phase === 'main' &&
  stage.constraints.length === 0 &&
  stage.end !== null &&
  stage.end - stage.start <= 1

/** @param {Stage} stage before the first bound, in no order */
const isTogether = stage => stage.phase === 'together'

/**
 * What each stage does, above its band: all in full, all by the task's name, or all by number, as the room allows.
 * @param {Store} store
 * @param {TaskLabel[]} tasks
 * @param {[number, number]} range of the steps that are shown
 * @param {number} width in pixels
 * @returns {{ x: number, text: string }[]}
 */
export function stageLabels(store, tasks, range, width) {
  const labels = ownStages(store).map((stage, at) => {
    const from = Math.max(stage.start, range[0])
    const to = Math.min(stage.end ?? store.step, range[1])
    const names = stage.objective.map(name => inSentence(titleOf(tasks, name))).join(', ')
    return {
      x: (from + to) / 2,
      letters: (((to - from) / (range[1] - range[0])) * width) / LETTER,
      over: stage.end !== null,
      texts: isTogether(stage)
        ? ['all tasks together', 'together', String(at + 1)]
        : ['improving ' + names, names, String(at + 1)]
    }
  })
  const deciding = labels.filter(({ over, letters }) => over && letters > 0)
  const level = [0, 1].find(depth => deciding.every(({ texts, letters }) => texts[depth].length < letters)) ?? 2
  return labels
    .filter(({ texts, letters }) => texts[level].length < letters)
    .map(({ x, texts }) => ({ x, text: texts[level] }))
}

/**
 * The names of the stages as plotly wants them.
 * @param {{ x: number, text: string }[]} labels
 * @param {Theme} theme
 * @returns {Plotly[]}
 */
export const stageAnnotations = (labels, theme) =>
  labels.map(label => ({
    ...label,
    y: 1,
    yref: 'paper',
    yanchor: 'bottom',
    showarrow: false,
    font: { size: 10, color: theme.text }
  }))

/**
 * A live edit: a vertical line on every panel.
 * @param {Store} store
 * @param {Theme} theme
 * @returns {Plotly[]}
 */
export const editLines = (store, theme) =>
  store.changes.map(event => ({
    type: 'line',
    yref: 'paper',
    x0: event.step,
    x1: event.step,
    y0: 0,
    y1: 1,
    line: { color: theme.text, width: 1.5, dash: 'dashdot' }
  }))

/**
 * What each live edit was, beside its line.
 * @param {Store} store
 * @param {TaskLabel[]} tasks
 * @param {string} unit
 * @param {Theme} theme
 * @returns {Plotly[]}
 */
export const editAnnotations = (store, tasks, unit, theme) =>
  store.changes.map(event => ({
    x: event.step,
    y: 0.98,
    yref: 'paper',
    yanchor: 'top',
    xanchor: 'left',
    xshift: 2,
    showarrow: false,
    font: { size: 10, color: theme.text },
    bgcolor: theme.background,
    opacity: 0.9,
    text: describeEdit(event, tasks, unit)
  }))

/**
 * @param {Changed} event
 * @param {TaskLabel[]} tasks
 * @param {string} unit of the tolerances
 */
export function describeEdit({ what, old, new: now }, tasks, unit) {
  /** @param {string} value */
  const share = value => (unit === 'relative' ? percent(Number(value)) : value)
  if (what === 'priority') return titleOf(tasks, now.split('>')[0].trim()) + ' first'
  if (!what.startsWith('tolerances.')) return `${spoken(what)} ${old} → ${now}`
  return `${titleOf(tasks, what.slice('tolerances.'.length))} may lose ${share(old)} → ${share(now)}`
}
