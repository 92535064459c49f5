// Walks through the steps of the trajectories: a button, a slider, and where it is.

import { html, prefersCalm } from '../shared/dom.js'

const SECONDS = 6 // of the whole walk

export class Player {
  /** @param {number} steps @param {{ onStep: () => void, onStop: () => void, isAlive: () => boolean }} hears */
  constructor(steps, hears) {
    this.steps = steps
    this.hears = hears
    this.step = Infinity
    this.frames = 0
    /** @type {number | null} */
    this.ticking = null
    this.play = html('button', { type: 'button', textContent: '▶', onclick: () => this.toggle() })
    this.slider = html('input', { type: 'range', min: 0, max: steps, value: steps, aria: { label: 'Step' } })
    this.slider.oninput = () => {
      this.stop()
      this.goTo(this.slider.valueAsNumber)
    }
    this.where = html('output')
    this.parts = [this.play, this.slider, this.where]
  }

  /** From the first step on; at once at the last one for a person who asked for little motion. */
  begin() {
    this.stop()
    if (prefersCalm()) return this.goTo(this.steps)
    const begun = performance.now()
    this.showPlaying(true)
    const tick = () => {
      if (!this.hears.isAlive()) return
      const share = Math.min(1, (performance.now() - begun) / 1000 / SECONDS)
      this.goTo(Math.floor(share * this.steps))
      if (share === 1) this.stop()
      else this.ticking = requestAnimationFrame(tick)
    }
    this.ticking = requestAnimationFrame(tick)
  }

  stop() {
    cancelAnimationFrame(this.ticking ?? 0)
    this.ticking = null
    this.showPlaying(false)
    this.hears.onStop()
  }

  toggle() {
    if (this.ticking) this.stop()
    else this.begin()
  }

  /** @param {boolean} isPlaying */
  showPlaying(isPlaying) {
    this.play.textContent = isPlaying ? '❚❚' : '▶'
    this.play.setAttribute('aria-label', isPlaying ? 'Pause' : 'Walk from the start')
  }

  /** @param {number} step */
  goTo(step) {
    this.step = step
    this.slider.valueAsNumber = step
    this.frames++
    this.hears.onStep()
  }

  describe() {
    this.where.textContent = `Step ${Math.min(this.steps, this.step)} of ${this.steps}`
  }
}
