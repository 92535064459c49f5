// One chart over the whole screen, with one sentence, for a class: keys for the next chart, pause and step.

import { html } from '../shared/dom.js'
import { purge } from '../shared/plotly.js'

/** @import { PlotElement } from '../shared/types.d.ts' */
/** @import { Panel } from './panel_list.js' */

/**
 * What the projector shows and does; `pause` and `step` are of the run for who steers it, else of the picture.
 * @typedef {object} Host
 * @property {() => Panel[]} panels those that are shown
 * @property {(panel: Panel) => void} paint
 * @property {(panel: Panel) => string} say
 * @property {() => boolean} paused
 * @property {() => boolean} over nothing comes any more
 * @property {() => void} pause or go on
 * @property {() => void} step
 */

/** Pixels that a chart is drawn for; the drawing is then magnified, so that its smallest letters have 20 pixels. */
const DRAWN_FOR = { width: 620, height: 330 }
const LEAST_SCALE = 2

/** @type {Record<string, 'next' | 'previous' | 'pause' | 'step'>} a presenter's remote sends Page Down and Page Up */
const KEYS = {
  ArrowRight: 'next',
  PageDown: 'next',
  n: 'next',
  ArrowLeft: 'previous',
  PageUp: 'previous',
  p: 'previous',
  ' ': 'pause',
  s: 'step'
}

export class Projector {
  place = 0
  /** @type {Panel | null} */
  panel = null

  /** @param {Host} host */
  constructor(host) {
    this.host = host
    this.title = html('h2', { className: 'projector-title', id: 'projector-title' })
    this.plot = /** @type {PlotElement} */ (/** @type {unknown} */ (html('div', { aria: { role: 'img' } })))
    this.frame = html('div', { className: 'projector-frame' }, /** @type {any} */ (this.plot))
    this.sentence = html('p', { className: 'projector-sentence', aria: { live: 'polite' } })
    this.pausing = this.button('', 'pause')
    this.stepping = this.button('Step · S', 'step')
    const bar = html(
      'div',
      { className: 'projector-bar' },
      this.button('← Previous', 'previous'),
      this.button('Next →', 'next'),
      this.pausing,
      this.stepping,
      html('button', { type: 'button', textContent: 'Back · Esc', onclick: () => this.close() })
    )
    this.box = html('dialog', { className: 'projector', tabIndex: -1, aria: { labelledby: 'projector-title' } })
    this.box.append(this.title, this.frame, this.sentence, bar)
    this.box.addEventListener('keydown', event => this.key(event))
    this.box.addEventListener('close', () => this.ended())
    this.onScreen = () => {
      if (!document.fullscreenElement) this.close()
    }
    this.size = new ResizeObserver(() => this.show())
  }

  get isOpen() {
    return this.box.open
  }

  /** @param {string} text @param {'next' | 'previous' | 'pause' | 'step'} act */
  button(text, act) {
    return html('button', {
      type: 'button',
      textContent: text,
      onclick: (/** @type {MouseEvent} */ event) => {
        this.act(act)
        if (event.detail) this.box.focus() // pressed by hand: the keys then speak to the projector again
      }
    })
  }

  /** The whole screen where the browser lets us, else the whole window. */
  async open() {
    try {
      await document.documentElement.requestFullscreen()
    } catch {
      // a browser without it, or one that refuses: the window will do
    }
    document.addEventListener('fullscreenchange', this.onScreen)
    this.box.showModal()
    this.box.focus() // else the space bar would press the first button
    this.size.observe(this.frame)
    this.show()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!act || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === ' ' && event.target instanceof HTMLButtonElement && event.target !== this.pausing) return
    event.preventDefault()
    this.act(act)
  }

  /** @param {'next' | 'previous' | 'pause' | 'step'} act */
  act(act) {
    if (act === 'pause' || act === 'step') {
      if (!this.host.over()) this.host[act]()
    } else {
      const count = this.host.panels().length
      this.place = (this.place + (act === 'next' ? 1 : count - 1)) % count
    }
    this.show()
  }

  /** Draws the chart and the sentence anew. */
  show() {
    if (!this.isOpen) return
    const panels = this.host.panels()
    const shown = panels[this.place % panels.length]
    if (shown.name !== this.panel?.name) purge(this.plot) // nothing of the axes before is left
    this.panel = { ...shown, plot: this.plot }
    this.plot.setAttribute('aria-label', shown.title) // until it is painted
    const { clientWidth, clientHeight } = this.frame
    const scale = Math.max(LEAST_SCALE, Math.min(clientWidth / DRAWN_FOR.width, clientHeight / DRAWN_FOR.height))
    this.plot.style.width = clientWidth / scale + 'px'
    this.plot.style.height = clientHeight / scale + 'px'
    this.plot.style.transform = `scale(${scale})`
    this.title.textContent = shown.title
    this.host.paint(this.panel)
    this.describe(shown)
  }

  /** @param {Panel} shown */
  describe(shown) {
    const text = this.host.say(shown) || shown.help.split('. ')[0] + '.'
    if (this.sentence.textContent !== text) this.sentence.textContent = text
    this.pausing.textContent = this.host.paused() ? 'Go on · Space' : 'Pause · Space'
    this.pausing.disabled = this.stepping.disabled = this.host.over()
  }

  close() {
    this.box.close()
  }

  ended() {
    document.removeEventListener('fullscreenchange', this.onScreen)
    this.size.disconnect()
    if (document.fullscreenElement) void document.exitFullscreen()
  }
}
