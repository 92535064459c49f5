// The conflict of one run: compass, matrix, angles, magnitudes, layers, transference; a scrubber along the probes moves
// all of them at once, without asking the server.

const RUN_PANELS = [
  { name: 'compass', title: 'Compass', help: 'Each task\'s gradient as an arrow, in the plane that keeps most of their lengths. Arrows that point the same way agree; past a right angle they conflict. Dashed: where the method goes, at a scale of its own. The optimiser steps the opposite way.' },
  { name: 'matrix', title: 'Cosine of every pair, now', help: 'Exact: gradients over everything the tasks share, multiplied across probe batches so that their common noise drops out. ± is the standard error (jackknife over the batches). Click a cell to follow that pair alone.' },
  { name: 'angles', title: 'Angles over time', help: 'Markers are exact probes with their standard error, over all shared parameters. The dotted line is the cheap one: the last shared layer alone, one batch, every record. It is quick and biased; trust the markers.' },
  { name: 'similarity', title: 'Magnitude similarity over time', help: '2|a||b| / (|a|² + |b|²): 1 when two gradients are equally long, near 0 when one drowns the other.' },
  { name: 'layers', title: 'Conflict by layer', help: 'For all pairs: the share of pairs whose gradients conflict within each shared layer (Recon\'s score), at each probe. For one pair: its cosine there. Layers that stay orange are where the tasks pull apart: candidates for a layer of their own. Single probes are noisy.' },
  { name: 'transference', title: 'Transference: who helps whom', help: 'Above: the real look-ahead, the share of the second loss that a plain step on the first task takes away (blue helps, orange harms), same batch, heads fixed. Below: its first-order estimate from the products of gradients, which is cheap. Both have the same colours.' },
  { name: 'correction', title: 'Size of the correction', help: 'CoGrad adds a correction to each gradient. Its length relative to the plain sum says whether the method acts at all: the rule is not scale-free, so with a small γ it may be numerically nothing.' },
]
const LEAST_WAIT = 200  // milliseconds between two drawings while the run goes on
const PLAY_PAUSE = 160  // milliseconds a probe when it plays

class ConflictRun {
  constructor(root) {
    this.root = root
    this.at = null  // place among the probes; null: the newest
    this.watch = { redraws: 0, scrubMilliseconds: null }
    this.slider = html('input', { type: 'range', min: 0, max: 0, value: 0, aria: { label: 'Probe' } })
    this.slider.oninput = () => this.scrub(Number(this.slider.value))
    this.play = html('button', { type: 'button', textContent: '▶', aria: { label: 'Play the probes from the beginning' } })
    this.play.onclick = () => this.togglePlay()
    this.where = html('output', {})
    this.success = html('p', { className: 'conflict-success', hidden: true })
    this.pair = null  // both positions; null: all pairs
    this.pairs = html('select', { aria: { label: 'Pair of tasks' }, onchange: () => { this.pair = JSON.parse(this.pairs.value); this.draw() } })
    const bar = html('div', { className: 'conflict-bar' }, this.play, this.slider, this.where, this.pairs)
    this.panels = RUN_PANELS.map(panel => this.build(panel))
    this.grid = html('div', { className: 'conflict-grid' }, ...this.panels.map(panel => panel.box))
    root.replaceChildren(bar, this.success, this.grid)
    this.resize = new ResizeObserver(() => this.spoil())
    this.resize.observe(root)
    window.__conflict = this
  }

  build(panel) {
    const summary = html('summary', { textContent: '?', aria: { label: 'About: ' + panel.title } })
    const help = html('details', { className: 'conflict-help' }, summary, html('p', { textContent: panel.help }))
    const note = html('span', { className: 'conflict-note' })
    const parts = panel.name === 'compass' ? [svg('svg', { width: '100%', height: '100%' })] : panel.name === 'transference' ? [html('div'), html('div')] : [html('div')]
    const plot = html('div', { className: 'conflict-plot' }, ...parts)
    plot.setAttribute('role', 'img')
    const box = html('section', { className: 'conflict-panel conflict-' + panel.name }, html('header', {}, html('h4', { textContent: panel.title }), note, help), plot)
    return { ...panel, box, plot, parts, note }
  }

  show(data) {
    if (this.feed?.path !== data.address) {
      this.feed?.close()
      this.at = null
      this.feed = openFeed(data.address, () => this.spoil())
    }
    this.data = data
    this.spoil()
    if (!this.loading) this.loading = loadPlotly(data.plotly_address).then(() => { this.ready = true; this.spoil() }, error => this.root.replaceChildren(html('p', { textContent: error.message })))
  }

  get store() { return this.feed?.store }
  get probes() { return this.store ? probesOf(this.store).filter(probe => probe.pairs.length) : [] }

  spoil() {
    if (this.waiting) return
    this.waiting = setTimeout(() => { this.waiting = null; this.draw() }, this.drawn ? Math.max(LEAST_WAIT, 2 * this.spent) : 0)
  }

  // ------------------------------------------------------------------ along the probes

  scrub(place) {
    const begun = performance.now()
    this.at = place >= this.probes.length - 1 ? null : place
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = null
      this.drawNow()
      this.watch.scrubMilliseconds = performance.now() - begun
    })
  }

  togglePlay() {
    if (this.playing) return this.stopPlaying()
    if (this.at === null) this.at = 0
    this.play.textContent = '❚❚'
    this.playing = setInterval(() => {
      const next = (this.at ?? this.probes.length) + 1
      if (next >= this.probes.length) this.stopPlaying()
      else this.scrub(next)
      this.slider.value = this.at ?? this.probes.length - 1
    }, PLAY_PAUSE)
  }

  stopPlaying() {
    clearInterval(this.playing)
    this.playing = null
    this.play.textContent = '▶'
  }

  current() {
    return this.at === null ? this.probes.at(-1) : this.probes[Math.min(this.at, this.probes.length - 1)]
  }

  // ------------------------------------------------------------------ drawing

  tasks() {
    return this.store.tasks.map(name => this.data.tasks.find(task => task.name === name) ?? { name, title: name, color: '#80848E' })
  }

  draw() {
    if (!this.ready || !this.store || !this.root.isConnected) return
    const begun = performance.now(), probes = this.probes, theme = themeOf(this.root), tasks = this.tasks()
    this.slider.max = Math.max(0, probes.length - 1)
    this.slider.disabled = this.play.disabled = probes.length < 2
    this.slider.value = this.at ?? Math.max(0, probes.length - 1)
    this.listPairs(probes)
    const over = {
      angles: [() => anglesPanel(this.store, probes, tasks, theme, this.pair)],
      similarity: [() => similarityPanel(this.store, probes, tasks, theme, this.pair)],
      layers: [() => layersPanel(this.store, probes, theme, this.pair)],
      transference: [false, true].map(first => () => transferencePanel(this.store, probes, theme, first, this.pair)),
    }
    const correction = this.panels.find(panel => panel.name === 'correction')
    correction.box.hidden = !this.store.series.has('correction/update')
    if (!correction.box.hidden) over.correction = [() => correctionPanel(this.store, theme)]
    for (const panel of this.panels) over[panel.name]?.forEach((picture, which) => this.plot(panel, which, picture(), theme))
    this.drawNow(theme)
    this.watch.redraws++
    this.drawn = true
    this.spent = performance.now() - begun
  }

  // What belongs to the probe that is looked at, and the mark of its step in the pictures over time.
  drawNow(theme = themeOf(this.root)) {
    const probe = this.current()
    this.where.textContent = probe ? `Probe ${this.probes.indexOf(probe) + 1} of ${this.probes.length}, step ${probe.step.toLocaleString('en')}` : this.waitingWords().replaceAll('<br>', ' ')
    for (const panel of this.panels) {
      if (panel.name === 'compass') {
        if (!probe) { sayIn(panel.parts[0], this.waitingWords()); continue }
        const said = drawCompass(panel.parts[0], this.store, probe, this.tasks(), this.data.method_title)
        panel.note.textContent = said.note
        panel.plot.setAttribute('aria-label', 'Compass: ' + said.takeaway)
      } else if (panel.name === 'matrix') {
        this.plot(panel, 0, probe ? matrixPanel(this.store, probe, theme) : { traces: [], empty: '' }, theme)
      } else {
        for (const part of panel.parts) if (part._fullLayout) this.mark(part, probe, theme)
      }
    }
    this.sayBound(probe)
  }

  // Every pair that was ever probed; clicking a cell of the matrix chooses it too.
  listPairs(probes) {
    const known = [...new Set(probes.flatMap(probe => probe.pairs.map(pair => JSON.stringify(pair))))].sort()
    const key = known.join()
    if (key === this.pairsKey) return
    this.pairsKey = key
    if (this.pair && !known.includes(JSON.stringify(this.pair))) this.pair = null
    const name = pair => pair.map(task => nameOf(this.store, task)).join(' · ')
    this.pairs.replaceChildren(html('option', { value: 'null', textContent: 'All pairs' }),
      ...known.map(pair => html('option', { value: pair, textContent: name(JSON.parse(pair)) })))
    this.pairs.value = JSON.stringify(this.pair)
    this.pairs.hidden = known.length < 2
  }

  choosePair(one, other) {
    const tasks = this.store.tasks.map(spoken)
    const pair = [tasks.indexOf(one), tasks.indexOf(other)].sort((a, b) => a - b)
    if (pair[0] === pair[1] || pair[0] < 0) return
    this.pair = this.pair?.join() === pair.join() ? null : pair
    this.pairs.value = JSON.stringify(this.pair)
    this.draw()
  }

  waitingWords() {
    if (this.feed.gone) return 'This run is no longer kept'
    if (this.store.finished) return 'This run was never probed: it trained one task<br>at a time, or its probes were switched off'
    if (['failed', 'stopped', 'crashed'].includes(this.store.status)) return 'The run ended before its first probe'
    return this.store.points ? 'No probe yet: angles are measured<br>once two tasks are trained' : 'Waiting for the run to begin'
  }

  mark(part, probe, theme) {
    if (!part.data?.length) return
    const shapes = (part.__shapes ?? []).concat(probe ? [{ type: 'line', yref: 'paper', x0: probe.step, x1: probe.step, y0: 0, y1: 1, line: { color: theme.text, width: 1.5 } }] : [])
    window.Plotly.relayout(part, { shapes })
  }

  plot(panel, which, picture, theme) {
    const part = panel.parts[which]
    const width = part.clientWidth, height = part.clientHeight
    if (!width || !height) return
    const overTime = !['matrix'].includes(panel.name)
    const { yaxis = {}, xaxis = {}, shapes = [], margin = {} } = picture.layout ?? {}
    const grid = { gridcolor: theme.border, zerolinecolor: theme.muted, zeroline: false, linecolor: theme.border }
    const empty = !picture.traces.some(trace => trace.x.length)
    const probe = this.current()
    part.__shapes = shapes
    const mark = overTime && probe && !empty ? [{ type: 'line', yref: 'paper', x0: probe.step, x1: probe.step, y0: 0, y1: 1, line: { color: theme.text, width: 1.5 } }] : []
    window.Plotly.react(part, picture.traces, {
      width, height, showlegend: false, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', dragmode: false,
      margin: empty ? { l: 8, r: 8, t: 6, b: 6 } : { l: 50, r: 10, t: 6, b: 26, ...margin }, font: { family: theme.font, size: 11, color: theme.text }, uirevision: this.data.address,
      hoverlabel: { bgcolor: theme.background, bordercolor: theme.border, font: { color: theme.text, size: 11 } },
      xaxis: { ...grid, ...(overTime ? { range: [0, 1.02 * Math.max(1, shownEnd(this.store))], nticks: Math.max(3, Math.floor(width / 80)), tickformat: ',d' } : {}), visible: !empty, ...xaxis },
      yaxis: { ...grid, visible: !empty, ...yaxis, title: { font: { size: 11 }, standoff: 4, ...yaxis.title } },
      shapes: empty ? [] : [...shapes, ...mark],
      annotations: empty ? [{ xref: 'paper', yref: 'paper', x: 0.5, y: 0.5, showarrow: false, text: which ? '' : picture.empty || this.waitingWords(), font: { size: 12, color: theme.muted } }] : picture.name ? [{ xref: 'paper', yref: 'paper', x: 0, xanchor: 'left', y: 1, yanchor: 'bottom', showarrow: false, text: picture.name, font: { size: 10, color: theme.muted } }] : [],
    }, { displayModeBar: false, responsive: false })
    if (picture.note !== undefined) panel.note.textContent = picture.note
    if (which === 0) panel.plot.setAttribute('aria-label', `${panel.title}: ${picture.takeaway ?? 'nothing in the log'}`)
    if (!part.__listening) {
      part.__listening = true
      part.on('plotly_click', ({ points }) => (overTime ? this.goTo(points[0].x) : this.choosePair(points[0].x, points[0].y)))
    }
  }

  goTo(step) {
    const probes = this.probes
    if (!probes.length) return
    const place = probes.reduce((best, probe, i) => (Math.abs(probe.step - step) < Math.abs(probes[best].step - step) ? i : best), 0)
    this.slider.value = place
    this.scrub(place)
  }

  // At an active bound the gradients of the improved and the protected task cancel: success, not trouble.
  sayBound(probe) {
    const stage = probe && this.data.constrained ? stageOf(this.store, probe) : null
    const held = stage ? stage.constraints.filter(task => multiplierAt(this.store, task, probe.step) > 0) : []
    this.success.hidden = !held.length
    if (!held.length) return
    const improved = stage.objective.map(spoken).join(' and ')
    const pairs = probe.pairs.flatMap(([i, j], which) => {
      const names = [this.store.tasks[i], this.store.tasks[j]]
      return held.some(task => names.includes(task)) && stage.objective.some(task => names.includes(task)) ? [probe.cosine[which]] : []
    }).filter(filled)
    const least = Math.min(...pairs)
    const now = !pairs.length ? '' : least < -0.5 ? ` It is ${signed(least)} here: nearly at rest.`
      : ` It is ${signed(least)} here: not at rest yet, or too noisy to tell.`
    this.success.textContent = `Active bound: ${held.map(spoken).join(', ')}. Where it comes to rest a cosine of −1 is success: ${improved} would take more, the multiplier pushes back just as hard, the two cancel.${now}`
  }

  close() {
    this.stopPlaying()
    clearTimeout(this.waiting)
    this.resize.disconnect()
    this.feed?.close()
    if (window.Plotly) this.panels.flatMap(panel => panel.parts).forEach(part => part._fullLayout && window.Plotly.purge(part))
    delete this.root.__run
  }
}

// A sentence in the middle of an empty picture.
function sayIn(picture, words) {
  picture.removeAttribute('viewBox')
  picture.replaceChildren(svg('text', { x: '50%', y: '50%', 'text-anchor': 'middle', class: 'compass-empty' },
    ...words.split('<br>').map((row, place) => svg('tspan', { x: '50%', dy: place ? 15 : 0 }, document.createTextNode(row)))))
}

const signed = value => value.toFixed(2).replace('-', '−')

function multiplierAt(store, task, step) {
  const held = store.series.get('multiplier/' + task)
  const place = held ? held.x.findLastIndex(at => at <= step) : -1
  return place < 0 ? 0 : held.y[place]
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector('.conflict-run')
  root.__run ??= new ConflictRun(root)
  root.__run.show(data)
  return () => setTimeout(() => { if (!root.isConnected) root.__run?.close() }, 0)
}
