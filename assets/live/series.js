// What the curves show of a store: points of a task, where they are cut, and what a stage kept.

import { shown } from '../shared/format.js'
import { stageAt } from './store.js'

/** @import { Evaluated } from '../shared/events.d.ts' */
/** @import { Points, Stage, Store } from './types.d.ts' */

/** True where a stage trains the task: it improves it or protects it. An untrained task's figures are noise.
 * @param {Stage} stage
 * @param {string} task */
const trains = (stage, task) => stage.objective.includes(task) || stage.constraints.includes(task)

/**
 * The series of one task while it is trained, cut where a stage begins so that no line joins two stages.
 * @param {Store} store
 * @param {string} quantity
 * @param {{ name: string }} task
 * @param {(value: number, step: number) => number | null} [change]
 * @returns {Points}
 */
export function pointsOf(store, quantity, task, change = value => value) {
  const held = store.series.get(quantity + '/' + task.name)
  /** @type {Points} */
  const points = { x: [], y: [] }
  if (!held) return points
  const starts = store.stages.map(stage => stage.start)
  let next = 0
  for (let i = 0; i < held.x.length; i++) {
    const before = next
    while (next < starts.length && held.x[i] > starts[next]) next++
    if (next && !trains(store.stages[next - 1], task.name)) continue
    if (next !== before && points.x.length) {
      points.x.push(held.x[i])
      points.y.push(null)
    }
    points.x.push(held.x[i])
    points.y.push(change(held.y[i], held.x[i]))
  }
  return points
}

/**
 * The evaluations of the run's own stages, from the first one on that trains the task.
 * @param {Store} store
 * @param {{ name: string }} task
 * @returns {Evaluated[]}
 */
export function evaluationsOf(store, task) {
  const first = store.stages.find(stage => stage.phase !== 'reference' && trains(stage, task.name))
  return first ? store.evaluations.filter(event => event.phase !== 'reference' && event.step > first.start) : []
}

/** @param {Points} points @returns {number | null} the last value that there is */
export const lastOf = ({ y }) => y.findLast(value => value !== null) ?? null

/**
 * The last value of a series at or before a step, null before the first.
 * @param {Store} store
 * @param {string} name
 * @param {number} step
 */
export function valueAt(store, name, step) {
  const held = store.series.get(name)
  const place = held ? held.x.findLastIndex(at => at <= step) : -1
  return held && place >= 0 ? held.y[place] : null
}

/**
 * How a violation is drawn: as a share of the loss that the bound was made from, so that tasks of any scale compare;
 * those of a metric as they are.
 * @param {Store} store
 * @param {number} position
 * @param {string} unit
 * @returns {(value: number, step: number) => number | null}
 */
export function shareOf(store, position, unit) {
  if (unit === 'metric') return value => value
  return (value, step) => {
    const reference = stageAt(store, step)?.reference_loss[position]
    return reference ? (100 * value) / reference : null
  }
}

/**
 * A bound on the training batches, from its stage's start to its end; a live edit of the tolerance moves it, and a
 * ratchet.
 * @param {Store} store
 * @param {number} position
 * @param {string} unit
 * @param {(value: number) => number} scaled
 * @returns {Points}
 */
export function boundLine(store, position, unit, scaled) {
  /** @type {Points} */
  const points = { x: [], y: [] }
  if (unit === 'metric') return points // its bound is no loss
  for (const stage of store.stages) {
    const first = stage.bound_train[position]
    if (first === null || stage.phase !== 'main') continue
    let bound = first
    const end = stage.end ?? store.step
    points.x.push(stage.start)
    points.y.push(scaled(bound))
    const moves = [...boundShifts(store, stage, position, unit), ...boundMoves(store, stage, position)]
    for (const { step, shift, to } of moves.toSorted((one, other) => one.step - other.step)) {
      const next = to ?? bound + shift
      points.x.push(step, step)
      points.y.push(scaled(bound), scaled(next))
      bound = next
    }
    points.x.push(end, end)
    points.y.push(scaled(bound), null)
  }
  return points
}

/**
 * How far each live edit of a task's tolerance moved its bound within a stage, in the unit of the loss.
 * @param {Store} store
 * @param {Stage} stage
 * @param {number} position
 * @param {string} unit
 */
function boundShifts(store, stage, position, unit) {
  const what = 'tolerances.' + store.tasks[position]
  const scale = unit === 'relative' ? (stage.reference_loss[position] ?? 0) : 1
  return store.changes
    .filter(event => event.what === what && event.step >= stage.start && event.step <= (stage.end ?? Infinity))
    .map(event => ({ step: event.step, shift: (Number(event.new) - Number(event.old)) * scale, to: null }))
}

/**
 * Where a ratchet moved a task's bound on the training batches within a stage.
 * @param {Store} store
 * @param {Stage} stage
 * @param {number} position
 */
function boundMoves(store, stage, position) {
  return store.moves
    .filter(event => event.step > stage.start && event.step <= (stage.end ?? Infinity))
    .map(event => ({ step: event.step, shift: 0, to: event.bound_train[position] }))
}

/**
 * The evaluations of the models that the stages kept, for the task that each improved.
 * @param {Store} store
 * @param {string} name
 * @param {Evaluated[]} evaluations
 */
export function keptOf(store, name, evaluations) {
  const steps = store.stages.flatMap(({ result, objective }) =>
    result && objective.includes(name) ? [result.kept_step] : []
  )
  return evaluations.filter(event => steps.includes(event.step))
}

/**
 * What the task reaches when it is trained alone, so far: in its reference stage, or in a stage that improves it alone
 * with nothing to protect, which is the same.
 * @param {Store} store
 * @param {number} position
 * @param {(event: Evaluated) => number | null} value
 * @returns {number | null}
 */
export function singleTask(store, position, value) {
  const name = store.tasks[position]
  /** @param {Stage} stage */
  const isAlone = stage => stage.objective.join() === name && !stage.constraints.length
  const stage = store.stages.find(held => isAlone(held) && (held.phase === 'reference' || held.stage === 0))
  if (!stage) return null
  const evaluations = store.evaluations.filter(
    event => event.step > stage.start && event.step <= (stage.end ?? Infinity) && value(event) !== null
  )
  const best = evaluations.findLast(event => event.best) ?? evaluations.at(-1)
  return best ? value(best) : null
}

/**
 * Where the curves end: tasks trained alone afterwards, to compare with, draw none.
 * While a run goes on the end is a round number ahead, so that the axis does not creep with each step.
 * @param {Store} store
 */
export function shownEnd(store) {
  const first = store.stages.find(stage => stage.phase === 'reference')
  if (first) return first.start
  if (store.finished) return Math.max(1, store.step)
  const step = Math.max(10, store.step)
  const unit = Math.max(10, 10 ** Math.floor(Math.log10(step)) / 5)
  return unit * Math.ceil(step / unit)
}

/**
 * The last value of each line in a sentence.
 * @param {{ task: { title: string, baseline?: boolean }, points?: Points }[]} lines
 */
export function describeLast(lines) {
  const parts = lines.flatMap(({ task, points }) => {
    const last = points && !task.baseline ? lastOf(points) : null
    return last === null ? [] : [task.title + ' ' + shown(last)]
  })
  return parts.join(', ') || 'nothing yet'
}
