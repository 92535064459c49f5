// What a run's probes say, as pictures for plotly.js: each takes what the browser holds and the probe looked at.
// A probe may lack the richer measurements (an older log): then the panel says so instead of drawing something else.

import { angle, degrees, percent, shown, spoken } from '../shared/format.js'
import { DASHES, palette } from '../shared/palette.js'
import { ANGLES, angleBands } from '../live/angles.js'
import * as probed from './probes.js'

/** @import { ColourScale, Plotly, Theme } from '../shared/types.d.ts' */
/** @import { Probed } from '../shared/events.d.ts' */
/** @import { Store, TaskLabel } from '../live/types.d.ts' */
/** @import { Pair, PairSeries } from './probes.js' */

/**
 * @typedef {object} RunPicture
 * @property {Plotly[]} traces
 * @property {Plotly} [layout]
 * @property {string} [note] beside the title
 * @property {string} [name] of one of several pictures in a panel
 * @property {string} [takeaway]
 * @property {string} [empty] what stands there where there is nothing to draw
 *
 * @typedef {{ store: Store, probes: Probed[], tasks: TaskLabel[], pair: Pair | null, theme: Theme }} Scene
 */

const FEW_PAIRS = 3
const NOTHING = 1e-4 // relative size of a correction below which it changes nothing
const CHEAP = 'last_layer_cosine/'
const NO_LINE = { thickness: 8, outlinewidth: 0, x: 1.01 }

/** @param {string} what */
const notLogged = what => `This run's log does not hold ${what};<br>runs that are started now do`

/** @param {Theme} theme @returns {ColourScale} */
const scaleOf = theme => palette.cosine[theme.dark ? 'dark' : 'light']

/** @param {string[]} names from the top down, in their order @returns {Plotly} */
const downwards = names => ({ range: [names.length - 0.5, -0.5], showgrid: false, automargin: true, ticks: '' })

/**
 * The cosine of every pair now, K × K.
 * @param {Store} store
 * @param {Probed} probe
 * @param {Theme} theme
 * @returns {RunPicture}
 */
export function matrixPanel(store, probe, theme) {
  const tasks = probed.tasksOf(probe)
  const names = tasks.map(task => probed.nameOf(store, task))
  const z = tasks.map(() => tasks.map(() => /** @type {number | null} */ (null)))
  const text = tasks.map((_, i) => tasks.map((_task, j) => String(i === j ? '' : '–')))
  for (const [which, pair] of probe.pairs.entries()) {
    const cosine = probe.cosine[which]
    const error = probe.error[which]
    if (cosine === null) continue
    const [i, j] = pair.map(task => tasks.indexOf(task))
    const range = error === null ? '' : `<br>± ${error.toFixed(2)}`
    z[i][j] = z[j][i] = cosine
    text[i][j] = text[j][i] = `<b>${cosine.toFixed(2)}</b>${range}<br>${angle(cosine)}`
  }
  const cells = { x: names, y: names, z, text, texttemplate: '%{text}', xgap: 2, ygap: 2 }
  const scale = { zmin: -1, zmax: 1, colorscale: scaleOf(theme), showscale: false }
  const hovertemplate = '%{y} and %{x}: cosine %{z:.2f}<extra></extra>'
  return {
    traces: [{ type: 'heatmap', ...cells, ...scale, hovertemplate }],
    layout: { yaxis: downwards(names), xaxis: { side: 'bottom', showgrid: false, automargin: true, ticks: '' } },
    takeaway: probe.pairs
      .map(
        ([i, j], which) => `${probed.nameOf(store, i)} and ${probed.nameOf(store, j)} ${shown(probe.cosine[which], 2)}`
      )
      .join(', ')
  }
}

/**
 * A line for each pair, its markers in both tasks' colours.
 * @param {Scene} scene
 * @param {PairSeries[]} series
 * @param {boolean} hasErrors
 * @returns {Plotly[]}
 */
function pairLines({ store, tasks, theme }, series, hasErrors) {
  const crowded = series.length > FEW_PAIRS // many at once: small markers, and no bars on top of each other
  return series.map(({ pair: [i, j], x, y, error }, which) => ({
    type: 'scatter',
    mode: 'lines+markers',
    x,
    y,
    name: probed.pairName(store, [i, j]),
    error_y:
      hasErrors && !crowded ? { type: 'data', array: error, thickness: 1.5, width: 3, color: theme.muted } : undefined,
    line: { color: theme.muted, width: 1.2, dash: DASHES[which % DASHES.length] },
    marker: {
      size: crowded ? 5 : 8,
      color: tasks[i]?.color,
      line: { color: tasks[j]?.color, width: crowded ? 1.5 : 2.5 }
    }
  }))
}

/** @param {Plotly[]} traces @param {string} join the last value of each */
const lastOfEach = (traces, join) =>
  traces.map(trace => `${trace.name}${join}${shown(trace.y.at(-1), 2)}`).join(', ') || 'nothing measured yet'

/**
 * The exact angle of every pair over time; between two probes the cheap line, of the last shared layer alone.
 * @param {Scene} scene
 * @returns {RunPicture}
 */
export function anglesPanel(scene) {
  /** @param {Probed} probe @param {number} which */
  const error = (probe, which) => Math.min(1, (probe.interval.length ? probe.interval : probe.error)[which] ?? 0)
  const series = probed.pairSeries(scene.probes, (probe, which) => probe.cosine[which], error, scene.pair)
  const exact = pairLines(scene, series, true).map(trace => ({
    ...trace,
    customdata: trace.y.map(degrees),
    hovertemplate: '%{customdata:.0f}°, cosine %{y:.2f}<extra>' + trace.name + ', exact</extra>'
  }))
  const isCrowded = exact.length > FEW_PAIRS
  const cheap = isCrowded ? [] : cheapLines(scene)
  const beside = cheap.length ? 'Markers: exact. Dotted: cheap.' : 'Markers: exact. The cheap line is not in this log.'
  const note = isCrowded ? 'Choose a pair to see its error bars and the cheap line.' : beside
  return {
    traces: [...cheap, ...exact],
    layout: {
      yaxis: { range: [-1.08, 1.08], ...ANGLES, zeroline: true, title: { text: 'Angle' } },
      shapes: angleBands()
    },
    note: exact.length ? note : '',
    takeaway: lastOfEach(exact, ' last ')
  }
}

/** @param {Scene} scene @returns {Plotly[]} */
function cheapLines({ store, tasks, pair }) {
  const wanted = pair && CHEAP + pair.map(task => store.tasks[task]).join('|')
  return [...store.series]
    .filter(([name]) => (wanted ? name === wanted : name.startsWith(CHEAP)))
    .map(([series, { x, y }]) => {
      const [one, other] = series.slice(CHEAP.length).split('|')
      const name = `${spoken(one)} · ${spoken(other)}`
      return {
        type: 'scatter',
        mode: 'lines',
        x,
        y,
        opacity: 0.55,
        name,
        line: { color: tasks[store.tasks.indexOf(one)]?.color, width: 1.2, dash: 'dot' },
        hovertemplate: `cosine %{y:.2f}<extra>${name}, cheap: last shared layer, one batch</extra>`
      }
    })
}

/** @param {Scene} scene @returns {RunPicture} */
export function similarityPanel(scene) {
  const isLogged = scene.probes.some(probe => probe.magnitude_similarity.length)
  const series = probed.pairSeries(scene.probes, probed.similarityOf, () => null, scene.pair)
  const traces = pairLines(scene, series, false).map(trace => ({
    ...trace,
    hovertemplate: 'similarity %{y:.2f}<extra>' + trace.name + '</extra>'
  }))
  return {
    traces,
    layout: { yaxis: { range: [0, 1.05], title: { text: 'Magnitude similarity' } } },
    note: isLogged || !traces.length ? '' : 'From the norms of single batches.',
    takeaway: lastOfEach(traces, ' ')
  }
}

/**
 * Layer × step. For one pair its cosine within the layer; for all of them the share of pairs that conflict there.
 * @param {Scene} scene
 * @returns {RunPicture}
 */
export function layersPanel({ probes, pair, theme }) {
  const logged = probes.filter(probe => Object.keys(probe.layers).length)
  const read = logged.filter(probe => !pair || probed.placeOf(probe, pair) >= 0)
  if (!read.length) {
    const unlogged = probes.length ? notLogged('layers') : ''
    return { traces: [], empty: logged.length ? 'This pair was not probed' : unlogged }
  }
  const layers = [...new Set(read.flatMap(probe => Object.keys(probe.layers)))]
  const z = layers.map(layer =>
    read.map(probe => {
      const cosines = probe.layers[layer] ?? []
      return pair ? (cosines[probed.placeOf(probe, pair)] ?? null) : shareBelow(cosines)
    })
  )
  const figure = pair ? 'cosine %{z:.2f}' : '%{z:.0%} of the pairs conflict'
  return {
    traces: [
      {
        type: 'heatmap',
        x: read.map(probe => probe.step),
        y: layers,
        z,
        ygap: 1,
        ...(pair ? angleScale(theme) : conflictScale(theme)),
        hovertemplate: `%{y} at step %{x}: ${figure}<extra></extra>`
      }
    ],
    layout: {
      yaxis: { ...downwards(layers), tickfont: { size: 10 } },
      xaxis: { showgrid: false },
      margin: { r: 44 }
    },
    note: pair ? '' : 'Share of pairs in conflict.',
    takeaway: layers.map((layer, i) => `${layer} ${shown(z[i].at(-1), 2)}`).join(', ')
  }
}

/** @param {(number | null)[]} cosines */
const shareBelow = cosines => probed.shareBelow(cosines, 0)

/** @param {Theme} theme @returns {Plotly} */
const angleScale = theme => ({
  zmin: -1,
  zmax: 1,
  colorscale: scaleOf(theme),
  colorbar: { ...NO_LINE, tickfont: { size: 10 }, tickvals: [-1, 0, 1], ticktext: ['180°', '90°', '0°'] }
})

/** The conflicting half of the scale alone, from none to all. @param {Theme} theme @returns {Plotly} */
const conflictScale = theme => ({
  zmin: 0,
  zmax: 1,
  colorscale: scaleOf(theme)
    .slice(0, 3)
    .toReversed()
    .map(([at, color]) => [1 - 2 * at, color]),
  colorbar: { ...NO_LINE, tickfont: { size: 10 }, tickvals: [0, 0.5, 1], ticktext: ['none', 'half', 'all'] }
})

/**
 * Which task's step helps which: a row for each direction, a column for each probe.
 * @param {Scene} scene
 * @param {boolean} isEstimate from the gradients, not measured by looking ahead
 * @returns {RunPicture}
 */
export function transferencePanel({ store, probes, pair, theme }, isEstimate) {
  const field = isEstimate ? 'transference_first_order' : 'transference'
  const read = probes.filter(probe => probe[field].length)
  if (!read.length) return { traces: [], empty: probes.length ? notLogged('transference') : '' }
  const directions = probed.directionsOf(read, field, pair)
  if (!directions.length) return { traces: [], empty: 'This pair was not probed' }
  const most = probed.transferenceScale(probes)
  const names = directions.map(({ from, to }) => `${probed.nameOf(store, from)} → ${probed.nameOf(store, to)}`)
  const ticks = [-most, 0, most]
  const bar = { tickvals: ticks, ticktext: ticks.map(value => percent(value, 2)), tickfont: { size: 9 } }
  return {
    traces: [
      {
        type: 'heatmap',
        x: read.map(probe => probe.step),
        y: names,
        z: directions.map(({ values }) => values),
        zmin: -most,
        zmax: most,
        colorscale: scaleOf(theme),
        ygap: 1,
        colorbar: { ...NO_LINE, ...bar },
        hovertemplate: '%{y} at step %{x}: %{z:.2%}<extra></extra>'
      }
    ],
    layout: {
      yaxis: { ...downwards(names), tickfont: { size: 10 } },
      xaxis: { showgrid: false },
      margin: { r: 58, t: 18 }
    },
    name: isEstimate ? 'estimated from the gradients' : 'measured by looking ahead',
    takeaway: names.map((name, i) => `${name} ${shown(directions[i].values.at(-1), 2)}`).join(', ')
  }
}

/**
 * How far the method's update is from the plain sum of gradients: CoGrad's correction. Below a ten-thousandth it does
 * nothing.
 * @param {Scene} scene
 * @returns {RunPicture}
 */
export function correctionPanel({ store, theme }) {
  const { x, y } = store.series.get('correction/update') ?? { x: [], y: [] }
  const last = y.at(-1)
  const edge = { x0: 0, x1: 1, y0: NOTHING, y1: NOTHING, line: { color: theme.muted, dash: 'dash', width: 1.5 } }
  return {
    traces: [
      {
        type: 'scatter',
        mode: 'lines',
        x,
        y,
        line: { color: theme.text, width: 1.6 },
        hovertemplate: '%{y:.2e}<extra>step %{x}</extra>'
      }
    ],
    layout: {
      yaxis: { type: 'log', title: { text: '|ĝ − g| / |g|' }, exponentformat: 'power' },
      shapes: [{ type: 'line', xref: 'paper', ...edge }]
    },
    note:
      last !== undefined && last < NOTHING
        ? 'Below 10⁻⁴: CoGrad is doing nothing here. A larger γ would.'
        : 'Dashed: 10⁻⁴, below which it does nothing.',
    takeaway: last === undefined ? 'nothing in the log' : `last ${shown(last, 2)}`
  }
}
