// What the browser holds of one run: columns of points by series, and every event that is not a point.
// A store takes the messages of the live feed in order; nothing here knows about drawing.

/** @import { Message, Read, Series, Stage, Store } from './types.d.ts' */

const MOST_POINTS = 1200 // of a series before it is thinned
const THINNED_POINTS = 600 // of a series after
const SMOOTHING_STEPS = 8 // time constant of the smoothed loss, in optimiser steps
const MOST_WEIGHT = 0.35 // largest weight of a new point, so that a thinned history still looks smooth
const SMOOTHED = ['loss', 'violation_train'] // noisy from batch to batch

/** @returns {Store} */
export const newStore = () => ({
  tasks: [],
  base: [],
  priority: [],
  stages: [],
  evaluations: [],
  probes: [],
  changes: [],
  moves: [],
  series: new Map(),
  finished: null,
  offset: 0,
  status: '',
  step: 0,
  points: 0
})

/**
 * Keeps the lowest and the highest point of each bucket, in their order, and both ends: no spike is lost.
 * @param {number[]} x
 * @param {number[]} y
 * @param {number} [limit]
 * @returns {Series}
 */
export function thin(x, y, limit = THINNED_POINTS) {
  if (x.length <= limit) return { x, y }
  const buckets = Math.max(1, Math.floor((limit - 2) / 2))
  const kept = [0]
  const inner = x.length - 2
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = 1 + Math.floor((bucket * inner) / buckets)
    const to = 1 + Math.floor(((bucket + 1) * inner) / buckets)
    let low = from
    let high = from
    for (let i = from; i < to; i++) {
      if (y[i] < y[low]) low = i
      if (y[i] > y[high]) high = i
    }
    if (to > from) kept.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]))
  }
  kept.push(x.length - 1)
  return { x: kept.map(i => x[i]), y: kept.map(i => y[i]) }
}

/**
 * @param {Store} store
 * @param {string} name
 * @returns {Series}
 */
function column(store, name) {
  const held = store.series.get(name) ?? { x: [], y: [] }
  store.series.set(name, held)
  return held
}

/**
 * @param {Store} store
 * @param {string} name
 * @param {Series} points
 */
function append(store, name, { x, y }) {
  const held = column(store, name)
  for (let i = 0; i < x.length; i++) {
    held.x.push(x[i])
    held.y.push(y[i])
  }
  if (held.x.length > MOST_POINTS) Object.assign(held, thin(held.x, held.y))
}

/**
 * Exponential smoothing over steps, begun anew with each stage; kept as a series of its own.
 * @param {Store} store
 * @param {string} of
 * @param {Series} points
 */
function smooth(store, of, { x, y }) {
  const name = 'smooth_' + of
  const held = column(store, name)
  let value = held.y.at(-1)
  let before = held.x.at(-1) ?? 0
  const smoothed = []
  for (let i = 0; i < x.length; i++) {
    if (value === undefined || stageAt(store, before) !== stageAt(store, x[i])) value = y[i]
    else value += Math.min(MOST_WEIGHT, 1 - Math.exp((before - x[i]) / SMOOTHING_STEPS)) * (y[i] - value)
    before = x[i]
    smoothed.push(value)
  }
  append(store, name, { x, y: smoothed })
}

/**
 * The stage that training step `step` belongs to: a stage's points come after the step at which it started.
 * @param {Store} store
 * @param {number} step
 * @returns {Stage | null}
 */
export function stageAt(store, step) {
  return store.stages.findLast(stage => step > stage.start) ?? store.stages[0] ?? null
}

/** @type {Record<string, (store: Store, event: any) => void>} */
const READERS = {
  started(store, event) {
    store.tasks = event.tasks
    store.base = event.base_loss
    store.priority = event.priority
  },
  stage_started(store, event) {
    const last = store.stages.at(-1)
    if (last && last.end === null) last.end = event.step
    store.stages.push({ ...event, start: event.step, end: null })
  },
  stage_finished(store, event) {
    const stage = store.stages.findLast(held => held.stage === event.stage && held.phase === event.phase)
    if (stage) Object.assign(stage, { end: event.step, result: event })
  },
  evaluated: (store, event) => void store.evaluations.push(event),
  probed: (store, event) => void store.probes.push(event),
  changed: (store, event) => void store.changes.push(event),
  bound_moved: (store, event) => void store.moves.push(event),
  finished: (store, event) => void (store.finished = event)
}

/**
 * Steps only grow in a log. An older step means that the run went on from its checkpoint and that its log was cut.
 * @param {Store} store
 * @param {Message} message
 */
function isCut(store, message) {
  const steps = (message.events ?? []).map(event => event.step)
  for (const { x } of Object.values(message.series ?? {})) if (x.length) steps.push(x[0])
  return message.offset < store.offset || Math.min(...steps, Infinity) < store.step
}

/**
 * Takes one message; says whether the whole history must be asked for again, and what it touched.
 * @param {Store} store
 * @param {Message} message
 * @returns {Read}
 */
export function receive(store, message) {
  if (message.replace) Object.assign(store, newStore())
  else if (isCut(store, message)) return { again: true }
  /** @type {Set<string>} */
  const touched = new Set()
  for (const event of message.events ?? []) {
    READERS[event.kind]?.(store, event)
    store.step = Math.max(store.step, event.step)
    touched.add(event.kind)
  }
  for (const [name, points] of Object.entries(message.series ?? {})) {
    if (!points.x.length) continue
    append(store, name, points)
    const quantity = name.slice(0, name.indexOf('/'))
    if (SMOOTHED.includes(quantity)) smooth(store, name, points)
    store.step = Math.max(store.step, points.x[points.x.length - 1])
    store.points += points.x.length
    touched.add(quantity)
  }
  store.offset = message.offset
  store.status = message.status ?? store.status
  return { again: false, touched, replaced: !!message.replace }
}
