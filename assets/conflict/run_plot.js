// A picture of a run's probes on the page: its layout, and the mark of the step that is looked at.

import { drawFigure, plainLayout } from '../shared/plotly.js'
import { shownEnd } from '../live/series.js'

/** @import { PlotElement, Plotly, Theme } from '../shared/types.d.ts' */
/** @import { Store } from '../live/types.d.ts' */
/** @import { RunPicture } from './run_panels.js' */

const TICK_ROOM = 80 // pixels that a label of the step axis needs

/** @type {WeakMap<PlotElement, Plotly[]>} what each picture holds beside the mark */
const ownShapes = new WeakMap()

/** @param {number} step @param {Theme} theme @returns {Plotly} */
const stepLine = (step, theme) => ({
  type: 'line',
  yref: 'paper',
  x0: step,
  x1: step,
  y0: 0,
  y1: 1,
  line: { color: theme.text, width: 1.5 }
})

/**
 * @typedef {object} Scene
 * @property {Store} store
 * @property {string} address of the run, with which a zoom ends
 * @property {number | undefined} step that is marked
 * @property {boolean} isOverTime
 * @property {string} empty what stands there where there is nothing to draw
 *
 * Draws a picture; false where there is no room yet.
 * @param {PlotElement} part
 * @param {RunPicture} picture
 * @param {Scene} scene
 * @param {Theme} theme
 */
export function drawPicture(part, picture, scene, theme) {
  const { clientWidth: width, clientHeight: height } = part
  if (!width || !height) return false
  const isEmpty = !picture.traces.some(trace => trace.x.length)
  const { yaxis = {}, xaxis = {}, shapes = [], margin = {} } = picture.layout ?? {}
  const grid = { gridcolor: theme.border, zerolinecolor: theme.muted, zeroline: false, linecolor: theme.border }
  const mark = scene.step === undefined ? [] : [stepLine(scene.step, theme)]
  ownShapes.set(part, shapes)
  const layout = {
    ...plainLayout(theme),
    width,
    height,
    dragmode: false,
    margin: isEmpty ? { l: 8, r: 8, t: 6, b: 6 } : { l: 50, r: 10, t: 6, b: 26, ...margin },
    uirevision: scene.address,
    xaxis: { ...grid, ...(scene.isOverTime ? stepAxis(scene.store, width) : {}), visible: !isEmpty, ...xaxis },
    yaxis: { ...grid, visible: !isEmpty, ...yaxis, title: { font: { size: 11 }, standoff: 4, ...yaxis.title } },
    shapes: isEmpty ? [] : [...shapes, ...mark],
    annotations: isEmpty ? [inTheMiddle(scene.empty, theme)] : nameAbove(picture.name, theme)
  }
  drawFigure(part, picture.traces, layout, { displayModeBar: false, responsive: false })
  return true
}

/** @param {Store} store @param {number} width @returns {Plotly} */
const stepAxis = (store, width) => ({
  range: [0, 1.02 * Math.max(1, shownEnd(store))],
  nticks: Math.max(3, Math.floor(width / TICK_ROOM)),
  tickformat: ',d'
})

/** @param {string} text @param {Theme} theme @returns {Plotly} */
const inTheMiddle = (text, theme) => ({
  xref: 'paper',
  yref: 'paper',
  x: 0.5,
  y: 0.5,
  showarrow: false,
  text,
  font: { size: 12, color: theme.muted }
})

/** @param {string | undefined} name @param {Theme} theme @returns {Plotly[]} */
function nameAbove(name, theme) {
  if (!name) return []
  const corner = { xref: 'paper', yref: 'paper', x: 0, xanchor: 'left', y: 1, yanchor: 'bottom' }
  return [{ ...corner, showarrow: false, text: name, font: { size: 10, color: theme.muted } }]
}

/** @param {PlotElement} part @param {number | undefined} step @param {Theme} theme moves the mark alone */
export function markStep(part, step, theme) {
  if (!part._fullLayout || !part.data?.length) return
  const mark = step === undefined ? [] : [stepLine(step, theme)]
  window.Plotly.relayout(part, { shapes: [...(ownShapes.get(part) ?? []), ...mark] })
}
