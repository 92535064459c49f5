// What a run's probes say, as pictures for plotly.js: each takes what the browser holds and the probe that is looked at.
// A probe may lack the richer readings (an older log): then the panel says so instead of drawing something else.

const CONFLICT_SCALE = [[0, '#8A4B00'], [0.25, '#D98F3A'], [0.5, '#E9EAEC'], [0.75, '#569FCE'], [1, '#005487']]
const DARK_CONFLICT_SCALE = [[0, '#F2A03D'], [0.25, '#A8672A'], [0.5, '#2A3038'], [0.75, '#2E73A3'], [1, '#6FC3F7']]
const FEW_PAIRS = 3
const NOTHING = 1e-4  // relative size of a correction below which it changes nothing
const NO_FIELD = what => `This run's log does not hold ${what};<br>runs that are started now do`

const probesOf = store => store.probes.filter(probe => stageOf(store, probe)?.phase !== 'reference')
const stageOf = (store, probe) => stageAt(store, probe.step)
const filled = value => value !== null && value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0)
const nameOf = (store, position) => spoken(store.tasks[position] ?? String(position + 1))
const scaleOf = theme => (theme.dark ? DARK_CONFLICT_SCALE : CONFLICT_SCALE)

// Tasks that a probe measured, as positions in the data set's order.
const tasksOf = probe => [...new Set(probe.pairs.flat())].sort((one, other) => one - other)

// Rows from the top down, in the order of their names.
const downwards = names => ({ range: [names.length - 0.5, -0.5], showgrid: false })

// The cosine of every pair now, K × K.
function matrixPanel(store, probe, theme) {
  const tasks = tasksOf(probe)
  const names = tasks.map(task => nameOf(store, task))
  const place = Object.fromEntries(tasks.map((task, i) => [task, i]))
  const z = tasks.map(() => tasks.map(() => null))
  const text = tasks.map((_, i) => tasks.map((_, j) => (i === j ? '' : '–')))
  probe.pairs.forEach(([i, j], which) => {
    const cosine = probe.cosine[which], error = probe.error[which]
    if (cosine === null) return
    for (const [row, column] of [[place[i], place[j]], [place[j], place[i]]]) {
      z[row][column] = cosine
      text[row][column] = `<b>${cosine.toFixed(2)}</b>` + (error === null ? '' : `<br>± ${error.toFixed(2)}`) + `<br>${Math.round(degrees(cosine))}°`
    }
  })
  return {
    traces: [{
      type: 'heatmap', x: names, y: names, z, text, texttemplate: '%{text}', zmin: -1, zmax: 1, colorscale: scaleOf(theme),
      showscale: false, xgap: 2, ygap: 2, hovertemplate: '%{y} and %{x}: cosine %{z:.2f}<extra></extra>',
    }],
    layout: { yaxis: { ...downwards(names), automargin: true, ticks: '' }, xaxis: { side: 'bottom', showgrid: false, automargin: true, ticks: '' } },
    takeaway: probe.pairs.map(([i, j], which) => `${nameOf(store, i)} and ${nameOf(store, j)} ${shown(probe.cosine[which], 2)}`).join(', '),
  }
}

// One value a pair over the probes, with an error bar where there is one.
function pairLines(store, probes, tasks, value, error, theme, pair) {
  const lines = new Map()
  for (const probe of probes) {
    probe.pairs.forEach(([i, j], which) => {
      const y = value(probe, which)
      if (!filled(y) || (pair && pair.join() !== [i, j].join())) return
      const key = `${i}-${j}`
      if (!lines.has(key)) lines.set(key, { i, j, x: [], y: [], e: [] })
      const line = lines.get(key)
      line.x.push(probe.step)
      line.y.push(y)
      line.e.push(error?.(probe, which) ?? 0)
    })
  }
  const crowded = lines.size > FEW_PAIRS  // many at once: small markers, and no bars on top of each other
  return [...lines.values()].map(({ i, j, x, y, e }, which) => ({
    type: 'scatter', mode: 'lines+markers', x, y, name: `${nameOf(store, i)} · ${nameOf(store, j)}`,
    error_y: error && !crowded ? { type: 'data', array: e, thickness: 1.5, width: 3, color: theme.muted } : undefined,
    line: { color: theme.muted, width: 1.2, dash: DASHES[which % DASHES.length] },
    marker: { size: crowded ? 5 : 8, color: tasks[i]?.color, line: { color: tasks[j]?.color, width: crowded ? 1.5 : 2.5 } },
  }))
}

// The exact angle of every pair over time; between two probes the cheap line, of the last shared layer alone.
function anglesPanel(store, probes, tasks, theme, pair) {
  const exact = pairLines(store, probes, tasks, (probe, which) => probe.cosine[which], (probe, which) => Math.min(1, (filled(probe.interval) ? probe.interval : probe.error)[which] ?? 0), theme, pair)
  for (const trace of exact) {
    trace.customdata = trace.y.map(degrees)
    trace.hovertemplate = '%{customdata:.0f}°, cosine %{y:.2f}<extra>' + trace.name + ', exact</extra>'
  }
  const wanted = pair && 'last_layer_cosine/' + pair.map(task => store.tasks[task]).join('|')
  const cheap = exact.length > FEW_PAIRS ? [] : [...store.series].filter(([name]) => (pair ? name === wanted : name.startsWith('last_layer_cosine/'))).map(([name, { x, y }]) => {
    const [one, other] = name.slice('last_layer_cosine/'.length).split('|')
    return {
      type: 'scatter', mode: 'lines', x, y, opacity: 0.55, name: `${spoken(one)} · ${spoken(other)}`,
      line: { color: tasks[store.tasks.indexOf(one)]?.color, width: 1.2, dash: 'dot' },
      hovertemplate: `cosine %{y:.2f}<extra>${spoken(one)} · ${spoken(other)}, cheap: last shared layer, one batch</extra>`,
    }
  })
  return {
    traces: [...cheap, ...exact],
    layout: {
      yaxis: { range: [-1.08, 1.08], ...ANGLES, zeroline: true, title: { text: 'Angle' } },
      shapes: angleBands(),
    },
    note: !exact.length ? '' : exact.length > FEW_PAIRS ? 'Choose a pair to see its error bars and the cheap line.' : cheap.length ? 'Markers: exact. Dotted: cheap.' : 'Markers: exact. The cheap line is not in this log.',
    takeaway: exact.map(trace => `${trace.name} last ${shown(trace.y.at(-1), 2)}`).join(', ') || 'nothing measured yet',
  }
}

function similarityPanel(store, probes, tasks, theme, pair) {
  const logged = probes.some(probe => filled(probe.magnitude_similarity))
  const own = (probe, which) => {
    const [i, j] = probe.pairs[which], one = normOf(probe, i), other = normOf(probe, j)
    return one === null || other === null || !(one + other) ? null : 2 * one * other / (one ** 2 + other ** 2)
  }
  const value = (probe, which) => (filled(probe.magnitude_similarity) ? probe.magnitude_similarity[which] : own(probe, which))
  const traces = pairLines(store, probes, tasks, value, null, theme, pair)
  for (const trace of traces) trace.hovertemplate = 'similarity %{y:.2f}<extra>' + trace.name + '</extra>'
  return {
    traces, layout: { yaxis: { range: [0, 1.05], title: { text: 'Magnitude similarity' } } },
    note: logged || !traces.length ? '' : 'From the norms of single batches.',
    takeaway: traces.map(trace => `${trace.name} ${shown(trace.y.at(-1), 2)}`).join(', ') || 'nothing measured yet',
  }
}

// Norms are logged for the tasks that the probe measured, or for all of them.
function normOf(probe, task) {
  const norms = probe.norm
  const place = norms.length === tasksOf(probe).length ? tasksOf(probe).indexOf(task) : task
  return norms[place] ?? null
}

// Layer × step. For one pair its cosine within the layer; for all of them the share of pairs that conflict there.
function layersPanel(store, probes, theme, pair) {
  const read = probes.filter(probe => filled(probe.layers) && (!pair || placeOf(probe, pair) >= 0))
  if (!read.length) return { traces: [], empty: probes.some(probe => filled(probe.layers)) ? 'This pair was not probed' : probes.length ? NO_FIELD('layers') : '' }
  const layers = [...new Set(read.flatMap(probe => Object.keys(probe.layers)))]
  const value = pair ? (cosines, probe) => cosines?.[placeOf(probe, pair)] ?? null : cosines => shareBelow(cosines, 0)
  const z = layers.map(layer => read.map(probe => value(probe.layers[layer], probe)))
  const scale = pair
    ? { zmin: -1, zmax: 1, colorscale: scaleOf(theme), colorbar: { tickvals: [-1, 0, 1], ticktext: ['180°', '90°', '0°'] } }
    : { zmin: 0, zmax: 1, colorscale: scaleOf(theme).slice(0, 3).reverse().map(([at, color]) => [1 - 2 * at, color]), colorbar: { tickvals: [0, 0.5, 1], ticktext: ['none', 'half', 'all'] } }
  return {
    traces: [{
      type: 'heatmap', x: read.map(probe => probe.step), y: layers, z, ygap: 1, ...scale,
      colorbar: { thickness: 8, outlinewidth: 0, tickfont: { size: 10 }, x: 1.01, ...scale.colorbar },
      hovertemplate: '%{y} at step %{x}: ' + (pair ? 'cosine %{z:.2f}' : '%{z:.0%} of the pairs conflict') + '<extra></extra>',
    }],
    layout: { yaxis: { ...downwards(layers), automargin: true, ticks: '', tickfont: { size: 10 } }, xaxis: { showgrid: false }, margin: { r: 44 } },
    note: pair ? '' : 'Share of pairs in conflict.',
    takeaway: layers.map((layer, i) => `${layer} ${shown(z[i].at(-1), 2)}`).join(', '),
  }
}

const placeOf = (probe, [i, j]) => probe.pairs.findIndex(([a, b]) => a === i && b === j)

function shareBelow(cosines, limit) {
  const known = (cosines ?? []).filter(filled)
  return known.length ? known.filter(cosine => cosine < limit).length / known.length : null
}

// Which task's step helps which: a row for each direction, a column for each probe.
function transferencePanel(store, probes, theme, first, pair) {
  const field = first ? 'transference_first_order' : 'transference'
  const read = probes.filter(probe => filled(probe[field]))
  if (!read.length) return { traces: [], empty: probes.length ? NO_FIELD('transference') : '' }
  const rows = new Map()
  for (const probe of read) {
    probe[field].forEach((row, from) => row.forEach((value, to) => {
      if (from !== to && filled(value) && (!pair || (pair.includes(from) && pair.includes(to)))) rows.set(`${nameOf(store, from)} → ${nameOf(store, to)}`, [from, to])
    }))
  }
  if (!rows.size) return { traces: [], empty: 'This pair was not probed' }
  const z = [...rows.values()].map(([from, to]) => read.map(probe => probe[field][from]?.[to] ?? null))
  const all = probes.flatMap(probe => [probe.transference, probe.transference_first_order]).filter(filled).flat(2).filter(filled).map(Math.abs).sort((a, b) => a - b)
  const most = all[Math.floor(0.95 * (all.length - 1))] || 1e-6  // one scale for both pictures, so that they compare
  const names = [...rows.keys()]
  return {
    traces: [{
      type: 'heatmap', x: read.map(probe => probe.step), y: names, z, zmin: -most, zmax: most, colorscale: scaleOf(theme), ygap: 1,
      colorbar: { thickness: 8, outlinewidth: 0, tickvals: [-most, 0, most], ticktext: [-most, 0, most].map(value => shown(100 * value, 2) + ' %'), tickfont: { size: 9 }, x: 1.01 },
      hovertemplate: '%{y} at step %{x}: %{z:.2%}<extra></extra>',
    }],
    layout: { yaxis: { ...downwards(names), automargin: true, ticks: '', tickfont: { size: 10 } }, xaxis: { showgrid: false }, margin: { r: 58, t: 18 } },
    name: first ? 'estimated from the gradients' : 'measured by looking ahead',
    takeaway: names.map((name, i) => `${name} ${shown(z[i].at(-1), 2)}`).join(', '),
  }
}

// How far the method's update is from the plain sum of gradients: CoGrad's correction. Below a ten-thousandth it does nothing.
function correctionPanel(store, theme) {
  const held = store.series.get('correction/update') ?? { x: [], y: [] }
  const last = held.y.at(-1)
  return {
    traces: [{ type: 'scatter', mode: 'lines', x: held.x, y: held.y, line: { color: theme.text, width: 1.6 }, hovertemplate: '%{y:.2e}<extra>step %{x}</extra>' }],
    layout: {
      yaxis: { type: 'log', title: { text: '|ĝ − g| / |g|' }, exponentformat: 'power' },
      shapes: [{ type: 'line', xref: 'paper', x0: 0, x1: 1, y0: NOTHING, y1: NOTHING, line: { color: theme.muted, dash: 'dash', width: 1.5 } }],
    },
    note: last !== undefined && last < NOTHING ? 'Below 10⁻⁴: CoGrad is doing nothing here. A larger γ would.' : 'Dashed: 10⁻⁴, below which it does nothing.',
    takeaway: last === undefined ? 'nothing in the log' : `last ${shown(last, 2)}`,
  }
}
