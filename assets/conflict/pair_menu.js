// Which pair of tasks is looked at: all of them, or one that was ever probed.

import { html } from '../shared/dom.js'
import { spoken } from '../shared/format.js'
import { pairName } from './probes.js'

/** @import { Probed } from '../shared/events.d.ts' */
/** @import { Store } from '../live/types.d.ts' */
/** @import { Pair } from './probes.js' */

/** @param {Probed[]} probes @returns {Pair[]} every pair that was ever probed */
export function pairsIn(probes) {
  const pairs = new Map(probes.flatMap(probe => probe.pairs.map(pair => [pair.join(), pair])))
  return [...pairs.keys()].toSorted().map(key => /** @type {Pair} */ (pairs.get(key)))
}

export class PairMenu {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange
    /** @type {Pair | null} null: all pairs */
    this.pair = null
    this.key = ''
    this.box = html('select', { aria: { label: 'Pair of tasks' } })
    this.box.onchange = () => this.choose(JSON.parse(this.box.value))
  }

  /** @param {Store} store @param {Probed[]} probes */
  show(store, probes) {
    const known = pairsIn(probes)
    const key = [store.tasks, ...known].join()
    if (key === this.key) return
    this.key = key
    const { pair } = this
    if (pair && !known.some(other => other.join() === pair.join())) this.pair = null
    const options = known.map(one => html('option', { value: JSON.stringify(one), textContent: pairName(store, one) }))
    this.box.replaceChildren(html('option', { value: 'null', textContent: 'All pairs' }), ...options)
    this.box.value = JSON.stringify(this.pair)
    this.box.hidden = known.length < 2
  }

  /** @param {Pair | null} pair */
  choose(pair) {
    this.pair = pair
    this.box.value = JSON.stringify(pair)
    this.onChange()
  }

  /** @param {Store} store @param {string} one @param {string} other names; all pairs again where they are chosen now */
  toggle(store, one, other) {
    const tasks = store.tasks.map(spoken)
    const [first, second] = [tasks.indexOf(one), tasks.indexOf(other)].toSorted((a, b) => a - b)
    if (first === second || first < 0) return
    this.choose(this.pair?.join() === [first, second].join() ? null : [first, second])
  }
}
