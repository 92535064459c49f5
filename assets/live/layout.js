// The layout of a live panel for plotly.js.

import { plainLayout } from '../shared/plotly.js'
import { editAnnotations, editLines, stageAnnotations, stageBands, stageLabels } from './bands.js'
import { endAnnotations } from './ends.js'

/** @import { Plotly } from '../shared/types.d.ts' */
/** @import { LiveTheme, Options, Picture, Store, Task } from './types.d.ts' */
/** @import { Ranges } from './ends.js' */

const LABEL_ROOM = 104 // pixels at the right, for names at the lines' ends …
const PAIR_LABEL_ROOM = 112 // … of two tasks each
const SHORT_LABEL_ROOM = 68 // … where the panel is narrow
const NO_LABEL_ROOM = 8 // … where it is tiny
const NARROW = 340
const TINY = 240
const TICK_ROOM = 70 // pixels that a label of the step axis needs

/**
 * @typedef {object} Frame what surrounds a picture
 * @property {string} name of the panel
 * @property {number} width
 * @property {number} height
 * @property {[number, number]} range of the steps that are shown
 * @property {string} address of the run, with which a zoom ends
 * @property {boolean} isZoomed
 * @property {Ranges | null} ranges of the drawing before, which say where lines end
 */

/** @param {string} name @param {number} width */
function labelRoom(name, width) {
  if (name === 'angles') return PAIR_LABEL_ROOM
  if (width > NARROW) return LABEL_ROOM
  return width > TINY ? SHORT_LABEL_ROOM : NO_LABEL_ROOM
}

/**
 * @param {Picture} picture
 * @param {Frame} frame
 * @param {Store} store
 * @param {{ tasks: Task[], options: Options }} shown
 * @param {LiveTheme} theme
 * @returns {Plotly}
 */
export function panelLayout(picture, frame, store, { tasks, options }, theme) {
  const { name, width, height, range } = frame
  const grid = { gridcolor: theme.border, zeroline: false, linecolor: theme.border }
  const room = labelRoom(name, width)
  const labelled = name === 'multipliers' && width > NARROW
  const margin = { l: 52, r: room, t: labelled ? 18 : 6, b: 30 }
  const area = { width: width - margin.l - margin.r, height: height - margin.t - margin.b }
  const isEmpty = !picture.traces.some(trace => trace.y.length)
  const annotations = isEmpty ? [emptyAnnotation(picture.empty, theme)] : []
  if (labelled) {
    annotations.push(...stageAnnotations(stageLabels(store, tasks, range, area.width), theme))
    annotations.push(...editAnnotations(store, tasks, options.unit, theme))
  }
  if (room > NO_LABEL_ROOM && frame.ranges) {
    annotations.push(...endAnnotations(picture.ends, frame.ranges, { height: area.height, room }, theme))
  }
  const layout = /** @type {Plotly} */ ({
    ...plainLayout(theme),
    width,
    height,
    margin,
    annotations,
    uirevision: frame.address,
    hovermode: 'x unified',
    dragmode: 'zoom',
    xaxis: stepAxis(frame, grid, area.width),
    yaxis: {
      ...grid,
      automargin: false,
      ...picture.yaxis,
      zerolinecolor: theme.muted,
      title: { ...picture.yaxis.title, font: { size: 11 }, standoff: 4 }
    },
    shapes: [
      ...(picture.shapes ?? []),
      ...stageBands(store, tasks, name !== 'angles', theme),
      ...editLines(store, theme)
    ]
  })
  if (isEmpty) layout.yaxis.showticklabels = name === 'angles'
  if (picture.secondAxis) layout.yaxis2 = picture.secondAxis
  return layout
}

/**
 * @param {Frame} frame
 * @param {Plotly} grid
 * @param {number} width
 * @returns {Plotly}
 */
const stepAxis = ({ range, isZoomed }, grid, width) => ({
  ...grid,
  range: [...range],
  uirevision: isZoomed ? range.join() : 'whole',
  title: { text: '' },
  hoverformat: ',d',
  tickformat: ',d',
  nticks: Math.max(3, Math.floor(width / TICK_ROOM))
})

/**
 * @param {string} text
 * @param {LiveTheme} theme
 * @returns {Plotly}
 */
const emptyAnnotation = (text, theme) => ({
  xref: 'paper',
  yref: 'paper',
  x: 0.5,
  y: 0.5,
  showarrow: false,
  text,
  font: { size: 12, color: theme.muted },
  bgcolor: theme.background
})

const WIDE = 820 // pixels, from which on all five fit in two rows
const MIDDLE = 560
const FEW = 3 // panels, below which they are taller
const GAP = 8
const BELOW = 28 // pixels left free at the window's end

/**
 * Columns by the component's own width; heights so that all five fit the window.
 * @param {{ width: number, free: number, panels: number }} size `free`: pixels from the first panel to the window's end
 * @returns {{ rows: number, height: number }}
 */
export function fitted({ width, free, panels }) {
  const rows = width >= WIDE ? 2 : width >= MIDDLE ? 3 : 5
  if (rows === 5) return { rows, height: 230 }
  if (panels < FEW) return { rows, height: 300 }
  return { rows, height: Math.round(Math.max(215, Math.min(430, (free - BELOW) / rows - GAP))) }
}
