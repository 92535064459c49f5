// One sentence a panel, true of what it shows now: what a class reads on the wall below the chart.

import { degrees, inSentence, percent, shown } from '../shared/format.js'
import { pairsOf } from './angles.js'
import { evaluationsOf, lastOf, pointsOf, shareOf, singleTask } from './series.js'

/** @import { DrawnTask, Options, Stage, Store } from './types.d.ts' */
/** @typedef {(store: Store, tasks: DrawnTask[], options: Options) => string} Say empty where there is nothing to say */

const ZERO = 0.005 // a multiplier below this pushes nothing
const LEVEL = 0.05 // of its height: so little may the mean of a multiplier move and be called level
const LAST = 1 / 3 // of a stage's points: in these it is level, or is not
const LEAST_POINTS = 6 // to speak of a course

/** @param {Store} store @returns {Stage | null} the newest stage of the run itself */
const stageNow = store => store.stages.findLast(stage => stage.phase !== 'reference') ?? null

/** @param {Store} store @param {DrawnTask[]} tasks that the newest stage holds within their bounds */
const heldTasks = (store, tasks) => tasks.filter(task => stageNow(store)?.constraints.includes(task.name))

/** @param {number[]} values */
const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * How a multiplier has moved of late: the means of the two halves of a stage's last third.
 * @param {number[]} values @returns {'rising' | 'falling' | 'level' | ''}
 */
export function courseOf(values) {
  const last = values.slice(-Math.ceil(LAST * values.length))
  if (last.length < LEAST_POINTS) return ''
  const half = Math.floor(last.length / 2)
  const change = mean(last.slice(half)) - mean(last.slice(0, half))
  if (Math.abs(change) <= LEVEL * Math.max(...last)) return 'level'
  return change > 0 ? 'rising' : 'falling'
}

/** @type {Say} */
export function sayMultipliers(store, tasks) {
  const stage = stageNow(store)
  const lines = heldTasks(store, tasks).flatMap(task => {
    const { x, y } = pointsOf(store, 'multiplier', task)
    const values = y.flatMap((value, at) => (value !== null && x[at] > (stage?.start ?? 0) ? [value] : []))
    return values.length ? [{ name: inSentence(task.title), value: values[values.length - 1], values }] : []
  })
  if (!lines.length) return ''
  const most = lines.reduce((one, other) => (other.value > one.value ? other : one))
  const which =
    lines.length > 1 ? `The largest multiplier is that of ${most.name}: ` : `The multiplier of ${most.name} is `
  if (most.value < ZERO) {
    return lines.length > 1
      ? 'Every multiplier is 0: no protected task has to be pushed back within its bound.'
      : `The multiplier of ${most.name} is 0: it does not have to be pushed back within its bound.`
  }
  const course = courseOf(most.values)
  const told = { rising: ', and rising', falling: ', and falling', level: ', and has come to rest', '': '' }[course]
  return `${which}${shown(most.value)}${told}.`
}

/** @type {Say} */
export function sayLosses(store, tasks) {
  const improved = stageNow(store)?.objective ?? []
  const parts = tasks.flatMap(task => {
    const last = improved.includes(task.name) ? lastOf(pointsOf(store, 'smooth_loss', task)) : null
    const base = store.base[task.position]
    return last !== null && base ? [`${inSentence(task.title)} loses ${percent(last / base)}`] : []
  })
  return parts.length
    ? `This stage improves its task: ${parts.join(', ')} of what always guessing the average loses.`
    : ''
}

/** @type {Say} */
export function saySlack(store, tasks, { unit }) {
  const worst = heldTasks(store, tasks)
    .flatMap(task => {
      const value = lastOf(pointsOf(store, 'violation', task, shareOf(store, task.position, unit)))
      return value === null ? [] : [{ name: inSentence(task.title), value }]
    })
    .toSorted((one, other) => other.value - one.value)[0]
  if (!worst) return ''
  const size = unit === 'metric' ? `${shown(Math.abs(worst.value))} points` : `${shown(Math.abs(worst.value), 2)} %`
  if (worst.value > 0)
    return `On validation rows ${worst.name} is ${size} outside its bound: the promise is not kept now.`
  return `On validation rows ${worst.name} is ${size} within its bound: the promise is kept.`
}

/** @type {Say} the pair that agrees least, of the newest measurement */
export function sayAngles(store, tasks) {
  const newest = store.probes.at(-1)?.step
  const pairs = pairsOf(store).flatMap(({ first, second, probes }) => {
    const [one, other] = [first, second].map(position => tasks.find(task => task.position === position))
    const last = probes[probes.length - 1]
    return one && other && last.clear && last.step === newest ? [{ one, other, last }] : []
  })
  if (!pairs.length) return ''
  const { one, other, last } = pairs.reduce((least, pair) => (pair.last.cosine < least.last.cosine ? pair : least))
  const far = 2 * last.error
  const says =
    last.cosine + far < 0
      ? 'they pull against each other'
      : last.cosine - far > 0
        ? 'they pull the same way'
        : 'neither clearly helps or hinders the other'
  return (
    `The gradients of ${inSentence(one.title)} and ${inSentence(other.title)} stand at ` +
    `${Math.round(degrees(last.cosine))}°: ${says}.`
  )
}

/** @type {Say} of the most important task and the one that the stage improves */
export function sayMetrics(store, tasks) {
  const names = [store.priority[0], ...(stageNow(store)?.objective ?? [])]
  const parts = tasks.flatMap(task => {
    const { metric } = task
    if (!metric || !names.includes(task.name)) return []
    /** @param {import('../shared/events.d.ts').Evaluated} event */
    const value = event => event.metric[task.position] ?? null
    const last = evaluationsOf(store, task).findLast(event => value(event) !== null)
    if (!last) return []
    const alone = singleTask(store, task.position, value)
    const beside = alone === null ? '' : ` (trained alone ${alone.toFixed(metric.digits)})`
    return [`${inSentence(task.title)} has ${metric.name} ${value(last)?.toFixed(metric.digits)}${beside}`]
  })
  return parts.length ? `On validation rows ${parts.join(', ')}.` : ''
}

/** @type {Say} */
export function sayOrder(store) {
  const last = store.evaluations.findLast(
    event => event.phase !== 'reference' && event.measures?.ndcg_at_10 !== undefined
  )
  return last ? `On unseen queries the order of the first ten hits has NDCG@10 ${shown(last.measures.ndcg_at_10)}.` : ''
}
