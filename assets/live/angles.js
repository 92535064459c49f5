// Angles between task gradients: every pair that was ever probed, its readings and what they say.

import { angle, degrees, shortened } from '../shared/format.js'
import { DASHES, faded, palette } from '../shared/palette.js'
import { hover } from './panels.js'
import { stageAt } from './store.js'

/** @import { Plotly } from '../shared/types.d.ts' */
/** @import { Draw, DrawnTask, End, LiveTheme, Store } from './types.d.ts' */

const LETTERS_OF_A_PAIR = 11 // of each title at the end of a line that stands for two tasks
const NONE = 'No angle measured yet'
const CLEAR_ERROR = 0.5 // standard error of a cosine above which a measurement says little

/** Of an axis that holds cosines. */
export const ANGLES = { tickvals: [-1, -0.5, 0, 0.5, 1], ticktext: ['180°', '120°', '90°', '60°', '0°'] }

/**
 * Behind them: the more two gradients agree or conflict, the stronger its colour.
 * @returns {Plotly[]}
 */
export const angleBands = () =>
  [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75].map(low => ({
    type: 'rect',
    xref: 'paper',
    x0: 0,
    x1: 1,
    y0: low,
    y1: low + 0.25,
    line: { width: 0 },
    layer: 'below',
    fillcolor: faded(low < 0 ? palette.conflict : palette.agreement, 0.22 * Math.abs(low + 0.125))
  }))

/**
 * @typedef {{ step: number, cosine: number, error: number, clear: boolean }} Probe
 * @typedef {{ first: number, second: number, probes: Probe[] }} Pair
 */

/**
 * Every pair of tasks that was ever probed: a stage probes only the tasks that it trains. A probe counts as clear where
 * the stage improves one of the two and its error leaves something to be said.
 * @param {Store} store
 * @returns {Pair[]}
 */
export function pairsOf(store) {
  /** @type {Map<string, Pair>} */
  const pairs = new Map()
  for (const event of store.probes) {
    const improved = stageAt(store, event.step)?.objective.map(name => store.tasks.indexOf(name)) ?? []
    for (const [place, [first, second]] of event.pairs.entries()) {
      const cosine = event.cosine[place]
      const error = event.error[place] ?? 0
      if (cosine === null) continue
      const key = first + '-' + second
      const pair = pairs.get(key) ?? { first, second, probes: [] }
      pairs.set(key, pair)
      const clear = error <= CLEAR_ERROR && [first, second].some(position => improved.includes(position))
      pair.probes.push({ step: event.step, cosine, error, clear })
    }
  }
  return [...pairs.values()]
}

/**
 * One pair's line: each marker wears both tasks' colours, faint where the probe is not clear.
 * @param {Probe[]} probes
 * @param {DrawnTask} one
 * @param {DrawnTask} other
 * @param {string} dash
 * @param {LiveTheme} theme
 * @returns {Plotly}
 */
function pairTrace(probes, one, other, dash, theme) {
  /** @param {number} ifClear @param {number} otherwise */
  const by = (ifClear, otherwise) => probes.map(probe => (probe.clear ? ifClear : otherwise))
  return {
    type: 'scatter',
    mode: 'lines+markers',
    x: probes.map(probe => probe.step),
    y: probes.map(probe => probe.cosine),
    error_y: {
      type: 'data',
      array: probes.map(probe => (probe.clear ? probe.error : 0)),
      thickness: 1,
      width: 2,
      color: theme.muted
    },
    line: { color: theme.border, width: 1, dash },
    marker: { size: by(8, 4), opacity: by(1, 0.4), color: one.color, line: { color: other.color, width: by(2.5, 1) } },
    customdata: probes.map(({ cosine, error }) => [degrees(cosine), error]),
    hovertemplate: hover(`%{customdata[0]:.0f}°, cosine %{y:.2f} ± %{customdata[1]:.2f}`, {
      title: `${one.title} and ${other.title}`
    })
  }
}

/**
 * How near a stage is to rest: what lowers its objective, weight decay included, against what holds its bounds, in the
 * optimiser's own metric.
 * @param {Store} store
 * @param {LiveTheme} theme
 * @returns {{ trace: Plotly | null, last: number | null }} `last`: of the latest probe
 */
function restOf(store, theme) {
  const probes = store.probes.filter(event => event.resting !== null && event.resting !== undefined)
  const trace = {
    type: 'scatter',
    mode: 'lines+markers',
    x: probes.map(event => event.step),
    y: probes.map(event => event.resting),
    error_y: { type: 'data', array: probes.map(event => event.resting_error ?? 0), thickness: 1, width: 2 },
    line: { color: theme.text, width: 1, dash: 'dot' },
    marker: { symbol: 'diamond-open', size: 9, color: theme.text, line: { width: 2 } },
    customdata: probes.map(event => [degrees(event.resting ?? 0), event.resting_error]),
    hovertemplate: hover('%{customdata[0]:.0f}°, cosine %{y:.2f} ± %{customdata[1]:.2f}', {
      title: 'Objective and bounds, as the optimiser weighs them'
    })
  }
  return { trace: probes.length ? trace : null, last: store.probes.at(-1)?.resting ?? null }
}

/** @type {Draw} */
export function anglePanel(store, tasks, _options, theme) {
  /** @type {Plotly[]} */
  const traces = []
  /** @type {End[]} */
  const ends = []
  const opposed = []
  const lastProbe = store.probes.at(-1)?.step
  for (const [which, { first, second, probes }] of pairsOf(store).entries()) {
    const one = tasks.find(task => task.position === first)
    const other = tasks.find(task => task.position === second)
    if (!one || !other) continue
    traces.push(pairTrace(probes, one, other, DASHES[which % DASHES.length], theme))
    const last = probes[probes.length - 1]
    const text = shortened(one.title, LETTERS_OF_A_PAIR) + ' · ' + shortened(other.title, LETTERS_OF_A_PAIR)
    const y = last.clear && last.step === lastProbe ? last.cosine : null
    ends.push({ task: one, other, text, y })
    if (y !== null && y < 0) opposed.push(text)
  }
  const { trace, last } = restOf(store, theme)
  if (trace) traces.push(trace)
  const clearly = opposed.length
    ? 'Pulling against each other: ' + opposed.join(', ')
    : 'No two tasks clearly pull against each other'
  return {
    traces,
    ends,
    yaxis: {
      range: [-1.05, 1.05],
      ...ANGLES,
      title: { text: 'Angle between gradients' },
      zeroline: true,
      zerolinewidth: 2
    },
    shapes: angleBands(),
    empty: 'Measured from time to time,<br>once two tasks are trained',
    takeaway: last !== null ? `Objective against bounds: ${angle(last)} (180° at rest)` : ends.length ? clearly : NONE
  }
}
