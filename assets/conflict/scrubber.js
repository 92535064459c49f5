// Along a run's probes: a button that plays them, a slider, and where it is.

import { html } from '../shared/dom.js'
import { grouped } from '../shared/format.js'

/** @import { Probed } from '../shared/events.d.ts' */

const PAUSE = 160 // milliseconds a probe when it plays

/** @param {{ step: number }[]} probes @param {number} step @returns {number} the place of the probe that is nearest */
export function nearestProbe(probes, step) {
  const distances = probes.map(probe => Math.abs(probe.step - step))
  return distances.indexOf(Math.min(...distances))
}

export class Scrubber {
  /** @type {number | undefined} */
  playing

  /** @param {() => void} onMove */
  constructor(onMove) {
    this.onMove = onMove
    /** @type {Probed[]} */
    this.probes = []
    /** @type {number | null} place among the probes; null: the newest */
    this.at = null
    this.slider = html('input', { type: 'range', min: 0, max: 0, value: 0, aria: { label: 'Probe' } })
    this.slider.oninput = () => this.goTo(this.slider.valueAsNumber)
    const label = 'Play the probes from the beginning'
    this.play = html('button', { type: 'button', textContent: '▶', onclick: () => this.toggle(), aria: { label } })
    this.where = html('output')
    this.parts = [this.play, this.slider, this.where]
  }

  /** @param {Probed[]} probes all that there are now */
  show(probes) {
    this.probes = probes
    this.slider.max = String(Math.max(0, probes.length - 1))
    this.slider.disabled = this.play.disabled = probes.length < 2
    this.slider.valueAsNumber = this.place()
  }

  /** The place of the probe that is looked at; 0 where there is none. */
  place() {
    const last = Math.max(0, this.probes.length - 1)
    return Math.min(this.at ?? last, last)
  }

  /** @returns {Probed | undefined} */
  probe() {
    return this.probes[this.place()]
  }

  /** @param {string} waiting what is said where there is no probe */
  describe(waiting) {
    const probe = this.probe()
    this.where.textContent = probe
      ? `Probe ${this.place() + 1} of ${this.probes.length}, step ${grouped(probe.step)}`
      : waiting
  }

  /** @param {number} place */
  goTo(place) {
    this.at = place >= this.probes.length - 1 ? null : place
    this.slider.valueAsNumber = this.place()
    this.onMove()
  }

  toggle() {
    if (this.playing) return this.stop()
    this.at ??= 0
    this.play.textContent = '❚❚'
    this.playing = setInterval(() => {
      const next = (this.at ?? this.probes.length) + 1
      if (next >= this.probes.length) this.stop()
      else this.goTo(next)
    }, PAUSE)
  }

  stop() {
    clearInterval(this.playing)
    this.playing = undefined
    this.play.textContent = '▶'
  }
}
