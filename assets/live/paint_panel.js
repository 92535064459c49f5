// Draws one live panel: the run's lines, a baseline's in grey behind them, and names where the lines end.

import { DASHES } from '../shared/palette.js'
import { drawFigure } from '../shared/plotly.js'
import { hasMoved, rangesOf } from './ends.js'
import { panelLayout } from './layout.js'
import { newStore } from './store.js'

/** @import { Plotly } from '../shared/types.d.ts' */
/** @import { DrawnTask, LiveTheme, Options, Store, Task } from './types.d.ts' */
/** @import { Panel } from './panel_list.js' */

const GREY_WIDTH = 1.3 // pixels, of a baseline's line
const GREY_OPACITY = 0.6

/**
 * `tasks` are drawn; `titled` are all of them, to name what is drawn of others.
 * @typedef {{ tasks: Task[], titled: Task[], options: Options, store?: Store, baseline?: Store }} Shown
 *
 * Draws a panel; false where its names must be placed once more, because an axis has moved: they stand where the
 * drawing before had the lines' ends.
 * @param {Panel} panel
 * @param {Shown} shown
 * @param {{ range: [number, number], isZoomed: boolean, address: string }} frame
 * @param {LiveTheme} theme
 */
export function paintPanel(panel, { tasks, titled, options, store = newStore(), baseline }, frame, theme) {
  const { clientWidth: width, clientHeight: height } = panel.plot
  if (!width || !height) return true
  const picture = panel.draw(store, drawnTasks(tasks, store), options, theme)
  const before = rangesOf(panel.plot)
  const around = { ...frame, name: panel.name, width, height, ranges: before }
  const layout = panelLayout(picture, around, store, { tasks: titled, options }, theme)
  const behind = baseline && panel.name !== 'angles' ? baselineTraces(panel, tasks, baseline, options, theme) : []
  const config = { displayModeBar: false, responsive: false, doubleClick: 'reset' }
  drawFigure(panel.plot, [...behind, ...picture.traces], layout, config)
  panel.plot.setAttribute('aria-label', `${panel.title}. ${picture.takeaway}.`)
  const now = rangesOf(panel.plot)
  return now === null || !hasMoved(before, now)
}

/** @param {Task[]} tasks @param {Store} store @returns {DrawnTask[]} those that the run knows */
export const drawnTasks = (tasks, store) =>
  tasks
    .map(task => ({ ...task, dash: 'solid', position: store.tasks.indexOf(task.name) }))
    .filter(task => task.position >= 0)

/**
 * @param {Panel} panel
 * @param {Task[]} tasks
 * @param {Store} store
 * @param {Options} options
 * @param {LiveTheme} theme
 * @returns {Plotly[]}
 */
function baselineTraces(panel, tasks, store, options, theme) {
  const grey = drawnTasks(tasks, store).map((task, i) => ({
    ...task,
    color: theme.muted,
    dash: DASHES[i % DASHES.length],
    baseline: true,
    title: task.title + ', baseline'
  }))
  const { traces } = panel.draw(store, grey, options, theme)
  return traces.map(trace => ({ ...trace, opacity: GREY_OPACITY, line: { ...trace.line, width: GREY_WIDTH } }))
}
