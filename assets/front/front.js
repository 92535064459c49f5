// The front of a sweep: drawn in place as points come in, so that zoom and the turn of the 3-D view are kept. A click
// on a point says which setting a person means; the list beside the picture does the same for the keyboard.

import { mounted } from '../shared/component.js'
import { html } from '../shared/dom.js'
import { palette, themeOf } from '../shared/palette.js'
import { drawFigure, purge, withPlotly } from '../shared/plotly.js'
import { painted, pointsIn } from './paint.js'

/** @import { Component, PlotElement, Plotly } from '../shared/types.d.ts' */

/**
 * @typedef {object} Data what the page says
 * @property {{ data: Plotly[], layout: Plotly, alt: string }} figure in which colours of the theme stand by name
 * @property {string} says a sentence below
 * @property {string} plotly_address
 */

const HEIGHT = 440 // pixels
const NARROW_HEIGHT = 360
const NARROW = 520
const NO_BUTTONS = ['select2d', 'lasso2d']

class Front {
  /** @type {Data | undefined} */
  data
  /** @type {Promise<void> | undefined} */
  loading

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    const plot = html('div', { className: 'front-plot', aria: { role: 'img' } })
    this.plot = /** @type {PlotElement} */ (/** @type {unknown} */ (plot))
    this.caption = html('p', { className: 'front-says' })
    root.replaceChildren(this.plot, this.caption)
    this.resize = new ResizeObserver(() => this.draw())
    this.resize.observe(root)
    this.points = 0
    window.__front = this
  }

  /** @param {Data} data @param {(number: number) => void} onChoose */
  show(data, onChoose) {
    this.data = data
    this.onChoose = onChoose
    this.loading ??= withPlotly(data.plotly_address, this.root, () => {
      this.isReady = true
      this.draw()
    })
    this.draw()
  }

  draw() {
    const width = this.root.clientWidth
    if (!this.isReady || !this.data || !this.root.isConnected || !width) return
    const theme = themeOf(this.root)
    const colours = { ...theme, faint: theme.muted, line: theme.border, baseline: palette.grey }
    const { data, layout, alt } = painted(this.data.figure, colours)
    layout.width = width
    layout.height = width < NARROW ? NARROW_HEIGHT : HEIGHT
    layout.font = { ...layout.font, family: theme.font }
    layout.hoverlabel = { bgcolor: theme.background, font: { color: theme.text, family: theme.font } }
    this.plot.setAttribute('aria-label', alt)
    const config = { displaylogo: false, responsive: false, modeBarButtonsToRemove: NO_BUTTONS }
    drawFigure(this.plot, data, layout, config)
    this.listen()
    this.points = pointsIn(data)
    this.caption.textContent = this.data.says
  }

  listen() {
    if (this.isListening) return
    this.isListening = true
    this.plot.on('plotly_click', event => {
      const number = event.points?.[0]?.customdata ?? null
      if (number !== null) this.onChoose?.(Number(number))
    })
  }

  close() {
    this.resize.disconnect()
    purge(this.plot)
  }
}

export default mounted(
  '.front',
  root => new Front(root),
  (front, /** @type {Component<Data>} */ { data, setStateValue }) =>
    front.show({ ...data }, number => setStateValue('chosen', { number, at: Date.now() }))
)
