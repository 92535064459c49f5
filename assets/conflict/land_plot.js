// One plane of a landscape: plotly.js draws the ground; the trajectories lie in a layer above it, which keeps up with a
// drag and an animation.

import { html, svg } from '../shared/dom.js'
import { rounded } from '../shared/format.js'
import { drawFigure, plainLayout, purge } from '../shared/plotly.js'

/** @import { PlotElement, Plotly, Point, Theme } from '../shared/types.d.ts' */

const NARROW = 520 // pixels

/**
 * From the numbers of a plot to pixels of the layer above it, and back; `box` is where the plot's ground lies.
 * @typedef {object} Scale
 * @property {(x: number, y: number) => Point} to
 * @property {(x: number, y: number) => Point} from
 * @property {[number, number, number, number]} box left, top, width, height
 */

export class LandPlot {
  /** @param {string} className @param {string} title */
  constructor(className, title) {
    this.className = className
    this.title = html('h4', { textContent: title })
    this.plot = /** @type {PlotElement} */ (/** @type {unknown} */ (html('div', { className: 'land-ground' })))
    this.overlay = svg('svg', { class: 'land-overlay' })
    this.box = html('section', { className: 'land-plot ' + className }, this.title, this.plot, this.overlay)
  }

  /** @returns {[number, number]} width and height in pixels */
  size() {
    const width = this.box.clientWidth
    if (width < NARROW) return [width, Math.round(0.88 * width)]
    return [width, Math.max(300, Math.min(520, window.innerHeight - 450))]
  }

  /**
   * @param {Plotly[]} traces
   * @param {{ xaxis: Plotly, yaxis: Plotly }} axes
   * @param {Theme} theme
   */
  draw(traces, axes, theme) {
    const [width, height] = this.size()
    const still = { fixedrange: true, showgrid: false, zeroline: false }
    const grid = { ...still, gridcolor: theme.border, linecolor: theme.border }
    const layout = {
      ...plainLayout(theme),
      width,
      height,
      margin: { l: 46, r: 10, t: 28, b: 36 },
      dragmode: false,
      hovermode: false,
      xaxis: { ...grid, ...axes.xaxis },
      yaxis: { ...grid, ...axes.yaxis }
    }
    drawFigure(this.plot, traces, layout, { displayModeBar: false, staticPlot: true, responsive: false })
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height })) {
      this.overlay.setAttribute(name, String(value))
    }
  }

  /** @returns {Scale | null} null before the ground is drawn */
  scale() {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {}
    if (!xaxis?._length) return null
    const [left, top] = [xaxis._offset, yaxis._offset]
    return {
      to: (x, y) => [left + xaxis.l2p(x), top + yaxis.l2p(y)],
      from: (x, y) => [xaxis.p2l(x - left), yaxis.p2l(y - top)],
      box: [left, top, xaxis._length, yaxis._length]
    }
  }

  /**
   * A point of the window in the numbers of the plot; null before the ground is drawn.
   * @param {{ clientX: number, clientY: number }} event
   */
  numbersAt({ clientX, clientY }) {
    const box = this.overlay.getBoundingClientRect()
    const shrink = this.size()[0] / box.width
    return this.scale()?.from((clientX - box.left) * shrink, (clientY - box.top) * shrink) ?? null
  }

  /**
   * A group that shows nothing outside the plot's ground, and what cuts it.
   * @param {Scale} scale
   */
  clipped({ box: [x, y, width, height] }) {
    const id = 'land-cut-' + this.className
    const cut = svg('clipPath', { id }, svg('rect', { x, y, width, height }))
    return { cut, layer: svg('g', { 'clip-path': `url(#${id})` }) }
  }

  close() {
    purge(this.plot)
  }
}

/** @param {Point[]} points in pixels @returns {string} as an attribute has them, to a tenth */
export const pixelsText = points => points.map(at => at.map(value => rounded(value, 1)).join()).join(' ')
