// Users as points: a click goes to one, a box or a lasso makes a group. plotly.js draws; what changes is put into the
// picture that stands, so that zoom and place are kept.

import { mounted } from '../shared/component.js'
import { dot, html } from '../shared/dom.js'
import { colourOf, palette, themeOf } from '../shared/palette.js'
import { CLEAR, drawFigure, purge, withPlotly } from '../shared/plotly.js'
import { areaPath, cornersOf } from './areas.js'

/** @import { Component, PlotElement, Plotly, Point, Theme } from '../shared/types.d.ts' */

/**
 * @typedef {{ x: number[], y: number[], users: string[] }} Users
 *
 * @typedef {object} Own what the page says beside the users' places
 * @property {string} space with which zoom and selection end
 * @property {string[] | null} colours of each user; null where all are grey
 * @property {[string, string][]} legend titles and colours
 * @property {Users} near the neighbours
 * @property {{ x: number[], y: number[], names: string[] }} here the user that the page shows
 * @property {Point[]} first corners of group A
 * @property {Point[]} second corners of group B
 * @property {string} alt
 * @property {string} plotly_address
 * @typedef {Users & Own} Data
 *
 * @typedef {'pan' | 'first' | 'second'} Mode what a drag does
 * @typedef {(name: string, value: unknown) => void} Emit
 */

const GROUP_A = () => colourOf(4)
const GROUP_B = () => colourOf(2)
const HERE = () => colourOf(0)

/** @type {[Mode, string, (() => string)?][]} */
const MODES = [
  ['pan', 'Move'],
  ['first', 'Draw group A', GROUP_A],
  ['second', 'Draw group B', GROUP_B]
]

class UserMap {
  /** @type {Data | undefined} */
  data
  /** @type {Promise<void> | undefined} */
  loading

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {Mode} */
    this.mode = 'pan'
    this.shape = 'lasso'
    this.modes = MODES.map(([mode, title, colour]) => {
      const mark = colour ? [dot(colour())] : []
      const pressed = { pressed: mode === this.mode }
      return html('button', { type: 'button', onclick: () => this.choose(mode), aria: pressed }, ...mark, title)
    })
    this.form = this.button('Lasso', () => this.toggleShape())
    this.form.title = 'Draw with a lasso or a box'
    this.clear = this.button('Forget groups', () => this.emit?.('areas', { first: [], second: [] }))
    const whole = this.button('Whole map', () => this.reset())
    const plot = html('div', { className: 'user-map-plot', aria: { role: 'img' } })
    this.plot = /** @type {PlotElement} */ (/** @type {unknown} */ (plot))
    this.legend = html('div', { className: 'user-map-legend' })
    const bar = html('div', { className: 'user-map-bar' }, ...this.modes, this.form, this.clear, whole)
    root.replaceChildren(bar, this.plot, this.legend)
    window.__userMap = this
  }

  /** @param {string} textContent @param {() => void} onclick */
  button(textContent, onclick) {
    return html('button', { type: 'button', textContent, onclick })
  }

  /** @param {Data} data @param {Emit} emit */
  show(data, emit) {
    this.data = data
    this.emit = emit
    this.plot.setAttribute('aria-label', data.alt)
    this.clear.hidden = !data.first.length && !data.second.length
    this.loading ??= withPlotly(data.plotly_address, this.root, () => {
      this.isReady = true
      this.draw()
    })
    this.draw()
  }

  /** @param {Mode} mode */
  choose(mode) {
    this.mode = mode
    for (const [at, [own]] of MODES.entries()) this.modes[at].setAttribute('aria-pressed', String(own === mode))
    if (this.isReady) window.Plotly.relayout(this.plot, { dragmode: this.dragmode(), selections: [] })
  }

  toggleShape() {
    this.shape = this.shape === 'lasso' ? 'select' : 'lasso'
    this.form.textContent = this.shape === 'lasso' ? 'Lasso' : 'Box'
    this.choose(this.mode === 'pan' ? 'first' : this.mode)
  }

  dragmode() {
    return this.mode === 'pan' ? 'pan' : this.shape
  }

  reset() {
    window.Plotly.relayout(this.plot, { 'xaxis.autorange': true, 'yaxis.autorange': true })
  }

  draw() {
    if (!this.isReady || !this.data || !this.root.isConnected) return
    const { data } = this
    const theme = themeOf(this.root)
    const axis = { visible: false, zeroline: false, showgrid: false }
    const layout = {
      uirevision: data.space,
      selectionrevision: data.space,
      showlegend: false,
      margin: { l: 4, r: 4, t: 4, b: 4 },
      paper_bgcolor: CLEAR,
      plot_bgcolor: CLEAR,
      hovermode: 'closest',
      dragmode: this.dragmode(),
      xaxis: axis,
      yaxis: axis,
      shapes: [...areaShape(data.first, GROUP_A()), ...areaShape(data.second, GROUP_B())],
      selections: [],
      font: { color: theme.text }
    }
    const traces = [crowd(data), ring(data.near), self(data.here, theme)]
    drawFigure(this.plot, traces, layout, { displayModeBar: false, scrollZoom: true, responsive: true })
    this.legend.replaceChildren(...data.legend.map(([title, colour]) => html('span', {}, dot(colour), title)))
    this.listen()
  }

  listen() {
    if (this.drawn) return
    this.drawn = true
    this.plot.on('plotly_click', ({ points }) => {
      const user = points[0].customdata ?? null
      if (user !== null) this.emit?.('visit', String(user))
    })
    this.plot.on('plotly_selected', selection => this.select(selection))
  }

  /** @param {import('./areas.js').Selection | undefined} selection */
  select(selection) {
    if (!selection || !this.data || this.mode === 'pan') return
    const corners = cornersOf(selection)
    if (corners.length < 3) return
    this.emit?.('areas', { [this.mode]: corners }) // the other one is the page's: it may know it better
    window.Plotly.relayout(this.plot, { selections: [] })
  }

  close() {
    purge(this.plot)
  }
}

/** @param {Data} data everybody @returns {Plotly} */
const crowd = ({ x, y, users, colours }) => ({
  type: 'scatter',
  mode: 'markers',
  x,
  y,
  customdata: users,
  hovertemplate: 'User %{customdata}<extra></extra>',
  marker: { size: 5, opacity: colours ? 0.8 : 0.45, color: colours ?? palette.grey, line: { width: 0 } },
  selected: { marker: { opacity: 0.9 } },
  unselected: { marker: { opacity: 0.45 } }
})

/** @param {Users} near @returns {Plotly} */
const ring = near => ({
  type: 'scatter',
  mode: 'markers',
  x: near.x,
  y: near.y,
  customdata: near.users,
  hovertemplate: 'Neighbour %{customdata}<extra></extra>',
  marker: { size: 10, color: CLEAR, line: { width: 2, color: HERE() } }
})

/** @param {Data['here']} here @param {Theme} theme @returns {Plotly} */
const self = (here, theme) => ({
  type: 'scatter',
  mode: 'markers+text',
  x: here.x,
  y: here.y,
  text: here.names,
  textposition: 'top center',
  hoverinfo: 'skip',
  textfont: { size: 13, color: theme.text },
  marker: { size: 14, symbol: 'diamond', color: HERE(), line: { width: 2, color: theme.background } }
})

/** @param {Point[]} area @param {string} colour @returns {Plotly[]} */
function areaShape(area, colour) {
  if (!area.length) return []
  const style = { line: { color: colour, width: 2 }, fillcolor: colour, opacity: 0.22, layer: 'below' }
  return [{ type: 'path', path: areaPath(area), ...style }]
}

export default mounted(
  '.user-map',
  root => new UserMap(root),
  (map, /** @type {Component<Data>} */ { data, setTriggerValue }) =>
    map.show(data, (name, value) => setTriggerValue(name, value))
)
