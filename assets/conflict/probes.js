// What a run's probes measured: pairs, norms and layers, with nothing drawn.

import { signed, spoken } from '../shared/format.js'
import { stageAt } from '../live/store.js'

/** @import { Probed } from '../shared/events.d.ts' */
/** @import { Stage, Store } from '../live/types.d.ts' */

/** @typedef {[number, number]} Pair positions of two tasks */

/**
 * The probes of the prioritised stages that measured a pair.
 * @param {Store} store
 * @returns {Probed[]}
 */
export const probesOf = store =>
  store.probes.filter(probe => probe.pairs.length && stageAt(store, probe.step)?.phase !== 'reference')

/** @param {Probed} probe @returns {number[]} positions of the tasks that it measured, in the data set's order */
export const tasksOf = probe => [...new Set(probe.pairs.flat())].toSorted((one, other) => one - other)

/** @param {Store} store @param {number} position */
export const nameOf = (store, position) => spoken(store.tasks[position] ?? String(position + 1))

/** @param {Store} store @param {Pair} pair */
export const pairName = (store, pair) => pair.map(task => nameOf(store, task)).join(' · ')

/** @param {Probed} probe @param {Pair} pair @returns {number} its place in the probe's lists, −1 where it has none */
export const placeOf = (probe, [i, j]) => probe.pairs.findIndex(([a, b]) => a === i && b === j)

/**
 * The length of a task's gradient. Norms are logged for the tasks that the probe measured, or for all of them.
 * @param {Probed} probe
 * @param {number} task
 * @returns {number | null}
 */
export function normOf(probe, task) {
  const tasks = tasksOf(probe)
  return probe.norm[probe.norm.length === tasks.length ? tasks.indexOf(task) : task] ?? null
}

/**
 * 2|a||b| / (|a|² + |b|²) of a pair: as it was logged, or from the norms.
 * @param {Probed} probe
 * @param {number} which place of the pair
 * @returns {number | null}
 */
export function similarityOf(probe, which) {
  if (probe.magnitude_similarity.length) return probe.magnitude_similarity[which]
  const [one, other] = probe.pairs[which].map(task => normOf(probe, task))
  if (one === null || other === null || !(one + other)) return null
  return (2 * one * other) / (one ** 2 + other ** 2)
}

/**
 * Which of `values` lie below a limit, as a share of those that are known; null where none is.
 * @param {(number | null)[]} values
 * @param {number} limit
 */
export function shareBelow(values, limit) {
  const known = values.filter(value => value !== null)
  return known.length ? known.filter(value => value < limit).length / known.length : null
}

/**
 * One value of every pair over the probes.
 * @typedef {{ pair: Pair, x: number[], y: number[], error: number[] }} PairSeries
 *
 * @param {Probed[]} probes
 * @param {(probe: Probed, which: number) => number | null} value
 * @param {(probe: Probed, which: number) => number | null} error
 * @param {Pair | null} only
 * @returns {PairSeries[]}
 */
export function pairSeries(probes, value, error, only) {
  /** @type {Map<string, PairSeries>} */
  const series = new Map()
  for (const probe of probes) {
    for (const [which, pair] of probe.pairs.entries()) {
      const y = value(probe, which) ?? null
      if (y === null || (only && only.join() !== pair.join())) continue
      const held = series.get(pair.join()) ?? { pair, x: [], y: [], error: [] }
      series.set(pair.join(), held)
      held.x.push(probe.step)
      held.y.push(y)
      held.error.push(error(probe, which) ?? 0)
    }
  }
  return [...series.values()]
}

/**
 * The directions that were measured, in the order in which they came, with a row of values over the probes each.
 * @typedef {'transference' | 'transference_first_order'} Field
 * @typedef {{ from: number, to: number, values: (number | null)[] }} Direction
 *
 * @param {Probed[]} probes
 * @param {Field} field
 * @param {Pair | null} pair
 * @returns {Direction[]}
 */
export function directionsOf(probes, field, pair) {
  /** @type {Map<string, Direction>} */
  const found = new Map()
  for (const probe of probes) {
    for (const [from, row] of probe[field].entries()) {
      for (const [to, value] of row.entries()) {
        const isWanted = !pair || (pair.includes(from) && pair.includes(to))
        if (from === to || value === null || !isWanted || found.has(`${from} ${to}`)) continue
        const values = probes.map(other => other[field][from]?.[to] ?? null)
        found.set(`${from} ${to}`, { from, to, values })
      }
    }
  }
  return [...found.values()]
}

/**
 * The scale of both pictures of transference, so that they compare: nearly the largest size that was measured.
 * @param {Probed[]} probes
 */
export function transferenceScale(probes) {
  const values = probes.flatMap(probe => [probe.transference, probe.transference_first_order]).flat(2)
  const known = values.filter(value => value !== null)
  const sizes = known.map(Math.abs).toSorted((one, other) => one - other)
  return sizes[Math.floor(0.95 * (sizes.length - 1))] || 1e-6
}

/**
 * What the multipliers hold at a probe: at an active bound the gradients of the improved and the protected task cancel.
 * @param {Probed} probe
 * @param {Stage} stage
 * @param {string[]} tasks all names
 * @param {string[]} held protected tasks whose multiplier is above zero
 * @returns {number[]} cosines between an improved and a held task
 */
export function cosinesAtBound(probe, stage, tasks, held) {
  return probe.pairs.flatMap((pair, which) => {
    const names = pair.map(task => tasks[task])
    const isAtBound = held.some(task => names.includes(task)) && stage.objective.some(task => names.includes(task))
    const cosine = probe.cosine[which] ?? null
    return isAtBound && cosine !== null ? [cosine] : []
  })
}

/**
 * What an active bound says of the cosines there.
 * @param {string[]} held protected tasks whose multiplier is above zero
 * @param {string[]} improved
 * @param {number[]} cosines between one of each
 * @param {number | null} [resting] cosine of both forces where the optimiser sees them, where the probe took it
 */
export function describeActiveBound(held, improved, cosines, resting = null) {
  const least = resting ?? Math.min(...cosines)
  const rest = least < -0.5 ? 'nearly at rest' : 'not at rest yet, or too noisy to tell'
  const where = resting === null ? 'here' : 'here, in the last shared layer and as the optimiser weighs them'
  const now = Number.isFinite(least) ? ` It is ${signed(least)} ${where}: ${rest}.` : ''
  return (
    `Active bound: ${held.map(spoken).join(', ')}. Where it comes to rest a cosine of −1 is success: ` +
    `${improved.map(spoken).join(' and ')} would take more, the multiplier pushes back just as hard, the two ` +
    `cancel.${now}`
  )
}

const ENDED = ['failed', 'stopped', 'crashed']

/**
 * Why there is no probe to look at.
 * @param {Store} store
 * @param {boolean} isGone the run was deleted
 */
export function describeWaiting(store, isGone) {
  if (isGone) return 'This run is no longer kept'
  if (store.finished) {
    return 'This run was never probed: it trained one task<br>at a time, or its probes were switched off'
  }
  if (ENDED.includes(store.status)) return 'The run ended before its first probe'
  return store.points
    ? 'No probe yet: angles are measured<br>once two tasks are trained'
    : 'Waiting for the run to begin'
}
