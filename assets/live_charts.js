// Five live charts of one run, with a pinned baseline in grey behind them: the component that Streamlit mounts.
// plotly.js draws; each panel is drawn again only when something that it shows has come.

const PANELS = [
  { name: 'multipliers', title: 'Multipliers: the price of each bound', draw: multiplierPanel, needs: ['multiplier', 'evaluated'],
    help: 'A multiplier says how hard the run pushes a protected task back within its bound. It grows while the task is worse than its bound and falls while there is room. The tint says which task the stage improves.' },
  { name: 'losses', title: 'Training loss of each task', draw: lossPanel, needs: ['loss', 'evaluated'],
    help: 'Faint: as measured on the batches. Strong: smoothed. All as a share of what the best constant guess loses, so that rare and frequent tasks compare. Dashed: the bound. Circles: the loss on the slice, rows that the training never sees.' },
  { name: 'slack', title: 'Above or below each bound', draw: slackPanel, needs: ['violation', 'violation_train'],
    help: 'How far a protected loss is above (+) or below (−) its bound, in per cent of the loss it had when it was the one being improved, or in points of the metric where tolerances are. Solid: on the slice. Dotted: on training batches. Green: the promise is kept.' },
  { name: 'angles', title: 'Angle between task gradients', draw: anglePanel, needs: ['probed'],
    help: 'Below 90° two tasks ask for similar changes, above 90° (orange) they conflict. A marker wears both tasks\' colours, its bar is the standard error; faint markers are pairs that the stage does not improve, or readings too noisy to say much. Near 180° at an active bound is what success looks like.' },
  { name: 'metrics', title: 'Quality on the slice', draw: metricPanel, needs: ['evaluated'],
    help: 'AUC: how often a positive row is ranked above a negative one. Squares: RMSE of a task that predicts a number, on its own scale; lower is better. Dashed: what the task reaches when trained alone. Diamond: the model that a stage kept.' },
  { name: 'order', title: 'Order of the first ten hits, on unseen queries', draw: orderPanel, needs: ['evaluated'],
    help: 'NDCG@10 on queries of the slice, which the training never sees: 1 is the best possible order of the first ten. Read from time to time.' },
]
const LEAST_PAUSE = 250, CALM_PAUSE = 1000  // milliseconds between two drawings; calm where motion is unwelcome
const LINE_OF_TEXT = 12, WIDTH_OF_LETTER = 5.6, LABEL_ROOM = 104, PAIR_LABEL_ROOM = 112, SHORT_LABEL_ROOM = 68, NARROW = 340, MOVED = 8, TINY = 240, MARK_ROOM = 16  // pixels
const FIRST = 'losses'  // the panel that has something to show from the first step on
const EVERY_PANEL = ['stage_started', 'stage_finished', 'changed', 'started']
const WAITING = {
  queued: 'Waiting for a free place to train', starting: 'Starting', '': 'Connecting', running: 'Waiting for the first step',
}

const element = (tag, className, text = '') => Object.assign(document.createElement(tag), { className, textContent: text })

function buildPanel(panel) {
  const box = element('section', 'live-panel live-' + panel.name)
  const head = element('header', '')
  const help = element('details', 'live-help')
  const summary = element('summary', '', '?')
  summary.setAttribute('aria-label', 'About: ' + panel.title)
  help.append(summary, element('p', '', panel.help))
  head.append(element('h4', '', panel.title), help)
  const plot = element('div', 'live-plot')
  plot.setAttribute('role', 'img')
  box.append(head, plot)
  return { ...panel, box, head, plot, dirty: true }
}

class Lab {
  constructor(root) {
    this.root = root
    this.hidden = new Set()
    this.zoom = null
    this.unscaled = false
    this.feeds = {}
    this.watch = { redraws: 0, redrawMilliseconds: 0, firstPointMilliseconds: null, drawn: 0 }
    this.legend = element('div', 'live-legend')
    this.grid = element('div', 'live-grid')
    this.panels = PANELS.map(buildPanel)
    this.grid.append(...this.panels.map(panel => panel.box))
    root.replaceChildren(this.legend, this.grid)
    this.addScaleSwitch()
    this.resize = new ResizeObserver(() => this.fit())
    this.resize.observe(root)
    this.onWindow = () => this.fit()
    window.addEventListener('resize', this.onWindow)
    this.calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.fit()
  }

  addScaleSwitch() {
    const button = element('button', 'live-switch', 'raw values')
    button.type = 'button'
    button.setAttribute('aria-pressed', 'false')
    const losses = this.panels.find(panel => panel.name === 'losses')
    button.onclick = () => {
      this.unscaled = !this.unscaled
      button.setAttribute('aria-pressed', String(this.unscaled))
      losses.dirty = true
    }
    losses.head.insertBefore(button, losses.head.lastChild)
  }

  // What the page says: which run, which baseline, the tasks with their colours.
  show(data) {
    this.data = data
    for (const panel of this.panels) panel.box.hidden = !data.panels.includes(panel.name)
    this.grid.classList.toggle('live-few', data.panels.length < 3)
    this.fit()
    this.follow('run', data.address)
    this.follow('baseline', data.baseline_address)
    this.drawLegend()
    this.spoil()
    if (!this.timer && !this.failed) {
      this.timer = -1
      loadPlotly(data.plotly_address).then(
        () => { if (this.timer === -1) this.tick() },
        error => { this.failed = true; this.root.replaceChildren(element('p', 'live-failure', error.message)) })
    }
  }

  follow(role, address) {
    if (this.feeds[role]?.path === (address ?? undefined)) return
    this.feeds[role]?.close()
    delete this.feeds[role]
    if (role === 'run') this.zoom = null
    if (address) this.feeds[role] = openFeed(address, read => this.spoil(read))
    this.expose()
  }

  // Marks the panels that must be drawn again: all of them, or those that show what a message touched.
  spoil(read = null) {
    const all = !read || read.replaced || EVERY_PANEL.some(kind => read.touched.has(kind))
    for (const panel of this.panels) panel.dirty ||= all || panel.needs.some(name => read.touched.has(name))
    if (read?.touched.size) this.stale = true
  }

  theme() {
    const theme = themeOf(this.root)
    return { ...theme, faint: theme.dark ? 0.45 : 0.28, key: theme.text + theme.background }
  }

  tasks() {
    const own = this.data.tasks.filter(task => !this.hidden.has(task.name))
    return store => own
      .map(task => ({ ...task, position: store.tasks.indexOf(task.name) }))
      .filter(task => task.position >= 0)
  }

  tick() {
    if (this.closed) return
    const begun = performance.now()
    if (!document.hidden && this.root.isConnected) this.draw()
    const spent = performance.now() - begun
    const pause = this.unseen().length ? 0 : Math.max(this.calm ? CALM_PAUSE : LEAST_PAUSE, 3 * spent)
    this.timer = setTimeout(() => this.tick(), pause)
  }

  draw() {
    const theme = this.theme()
    const store = this.feeds.run?.store
    const frame = [theme.key, this.end()].join()
    if (frame !== this.frame) this.spoil()
    this.frame = frame
    if (Math.abs(this.offset() - this.top) > MOVED) this.fit()
    this.showStatus()
    const begun = performance.now()
    const unseen = this.unseen()
    const due = unseen.length ? [unseen.find(panel => panel.name === FIRST) ?? unseen[0]] : this.panels.filter(panel => panel.dirty && this.isVisible(panel))
    for (const panel of due) {
      panel.dirty = false
      this.drawPanel(panel, theme)
    }
    if (!due.length) return
    this.watch.redraws++
    this.watch.redrawMilliseconds = performance.now() - begun
    if (store?.points && this.watch.firstPointMilliseconds === null) this.watch.firstPointMilliseconds = performance.now()
    this.watch.drawn = store?.points ?? 0
  }

  // A panel's first drawing is dear, so each has a turn of its own: the first curve is seen before the last is drawn.
  unseen() {
    return document.hidden ? [] : this.panels.filter(panel => !panel.listening && this.isVisible(panel) && panel.plot.clientWidth && panel.plot.clientHeight)
  }

  isVisible(panel) {
    const place = panel.box.getBoundingClientRect()
    return place.bottom > -200 && place.top < window.innerHeight + 200
  }

  drawPanel(panel, theme) {
    const width = panel.plot.clientWidth, height = panel.plot.clientHeight
    if (!width || !height) return
    const { run, baseline } = this.feeds
    const store = run?.store ?? newStore()
    store.unit = this.data.unit
    const tasks = this.tasks()
    const own = tasks(store).map(task => ({ ...task, dash: 'solid' }))
    const picture = panel.draw(store, own, { unscaled: this.unscaled, constrained: this.data.constrained, stageSteps: this.data.stage_steps }, theme)
    const behind = baseline ? this.baselinePicture(panel, baseline.store, tasks, theme) : { traces: [] }
    const labelled = panel.name === 'multipliers' && width > NARROW
    const titles = Object.fromEntries(this.data.tasks.map(task => [task.name, task.title]))
    const bands = stageBands(store, this.colours(), titles, { labelled, tinted: panel.name !== 'angles' }, theme)
    const edits = editMarks(store, titles, labelled, theme)
    bands.shapes.push(...edits.shapes)
    const layout = this.layout(panel, picture, { ...bands, edits: edits.annotations }, theme, { width, height, store })
    window.Plotly.react(panel.plot, [...behind.traces, ...picture.traces], layout, { displayModeBar: false, responsive: false, doubleClick: 'reset' })
    panel.plot.setAttribute('aria-label', `${panel.title}. ${picture.takeaway}.`)
    if (!panel.listening) {
      this.linkZoom(panel)
      panel.dirty = true  // the labels at the lines' ends take their places from the first drawing
    }
  }

  baselinePicture(panel, store, tasks, theme) {
    if (panel.name === 'angles') return { traces: [] }
    const grey = tasks(store).map((task, i) => ({
      ...task, color: theme.muted, dash: DASHES[i % DASHES.length], baseline: true, title: task.title + ', baseline',
    }))
    const traces = panel.draw(store, grey, {}, theme).traces
    return { traces: traces.map(trace => ({ ...trace, opacity: 0.6, line: { ...trace.line, width: 1.3 } })) }
  }

  colours() {
    return Object.fromEntries(this.data.tasks.map(task => [task.name, task.color]))
  }

  layout(panel, picture, bands, theme, { width, height, store }) {
    const grid = { gridcolor: theme.border, zeroline: false, linecolor: theme.border }
    const room = panel.name === 'angles' ? PAIR_LABEL_ROOM : width > NARROW ? LABEL_ROOM : width > TINY ? SHORT_LABEL_ROOM : 8
    const margin = { l: 52, r: room, t: panel.name === 'multipliers' && width > NARROW ? 18 : 6, b: 30 }
    const area = { width: width - margin.l - margin.r, height: height - margin.t - margin.b }
    const range = this.zoom ?? [0, this.end()]
    const labels = this.stageLabels(bands.annotations, range, area.width, store)
    const yaxis = { ...grid, automargin: false, ...picture.yaxis, zerolinecolor: theme.muted }
    const empty = !picture.traces.some(trace => trace.y.length)
    if (empty) yaxis.showticklabels = panel.name === 'angles'
    yaxis.title = { ...picture.yaxis.title, font: { size: 11 }, standoff: 4 }
    const layout = {
      width, height, margin, uirevision: this.data.address, showlegend: false, hovermode: 'x unified', dragmode: 'zoom',
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { family: theme.font, size: 11, color: theme.text },
      hoverlabel: { bgcolor: theme.background, bordercolor: theme.border, font: { color: theme.text, size: 11 } },
      xaxis: { ...grid, range: [...range], uirevision: String(this.zoom), title: { text: '' }, hoverformat: ',d', tickformat: ',d', nticks: Math.max(3, Math.floor(area.width / 70)) },
      yaxis, shapes: [...(picture.shapes ?? []), ...bands.shapes],
      annotations: [...labels, ...bands.edits, ...(empty ? [this.emptyWords(picture, theme)] : []), ...(room > 8 ? this.endLabels(panel, picture, theme, area.height, room) : [])],
    }
    if (picture.secondAxis) layout.yaxis2 = picture.secondAxis
    return layout
  }

  // Where the step axis ends: a pinned baseline is shown as far as it goes.
  end() {
    return Math.max(1, ...Object.values(this.feeds).map(feed => shownEnd(feed.store)))
  }

  // What each stage does, above its band: all in full, all by the task's name, or all by number, as the room allows.
  stageLabels(annotations, range, width, store) {
    const labels = annotations.map(({ stage, texts, ...label }) => {
      const from = Math.max(stage.start, range[0]), to = Math.min(stage.end ?? store.step, range[1])
      const letters = (to - from) / (range[1] - range[0]) * width / WIDTH_OF_LETTER
      return { stage, texts, letters, label: { ...label, x: (from + to) / 2 } }
    })
    const ended = labels.filter(({ stage, letters }) => stage.end !== null && letters > 0)
    const level = [0, 1].find(depth => ended.every(({ texts, letters }) => texts[depth].length < letters)) ?? 2
    return labels.filter(({ texts, letters }) => texts[level].length < letters).map(({ label, texts }) => ({ ...label, text: texts[level] }))
  }

  emptyWords(picture, theme) {
    return { xref: 'paper', yref: 'paper', x: 0.5, y: 0.5, showarrow: false, text: picture.empty, font: { size: 12, color: theme.muted }, bgcolor: theme.background }
  }

  // A name at each line's end, moved apart where lines meet; places are read from the last drawing.
  endLabels(panel, picture, theme, height, room) {
    const letters = Math.floor((room - MARK_ROOM) / WIDTH_OF_LETTER)
    const axis = panel.plot._fullLayout?.yaxis
    const second = panel.plot._fullLayout?.yaxis2
    if (!axis) return []
    const placed = picture.ends.filter(end => end.y !== null && end.y !== undefined && !end.task.baseline).map(end => {
      const along = end.second && second ? second : axis
      const [low, high] = along.range
      return { ...end, pixel: Math.max(0, Math.min(1, (end.y - low) / (high - low))) * height }
    }).sort((one, other) => one.pixel - other.pixel)
    for (let i = 1; i < placed.length; i++) placed[i].pixel = Math.max(placed[i].pixel, placed[i - 1].pixel + LINE_OF_TEXT)
    let ceiling = height
    for (const end of placed.toReversed()) {
      end.pixel = Math.min(end.pixel, ceiling)
      ceiling = end.pixel - LINE_OF_TEXT
    }
    return placed.map(end => ({
      xref: 'paper', yref: 'paper', x: 1, y: end.pixel / height, xanchor: 'left', yanchor: 'middle', showarrow: false,
      xshift: 4, align: 'left', font: { size: 10, color: theme.text },
      text: `<span style="color:${end.task.color}">●</span>` +
        (end.other ? `<span style="color:${end.other.color}">●</span>` : '') + ' ' + (end.text ?? shortened(end.task.title, letters)),
    }))
  }

  linkZoom(panel) {
    panel.listening = true
    panel.plot.on('plotly_relayout', change => {
      if ('xaxis.range[0]' in change) this.zoom = [change['xaxis.range[0]'], change['xaxis.range[1]']]
      else if (change['xaxis.range']) this.zoom = [...change['xaxis.range']]
      else if (change['xaxis.autorange']) this.zoom = null
      else return
      this.spoil()
      this.expose()
    })
    panel.plot.on('plotly_doubleclick', () => { this.zoom = null; this.spoil(); this.expose() })
  }

  drawLegend() {
    const key = JSON.stringify([this.data.tasks, this.data.baseline_title])
    if (key === this.legendKey) return
    this.legendKey = key
    const buttons = this.data.tasks.map(task => {
      const button = element('button', 'live-task')
      button.type = 'button'
      const mark = element('span', 'live-mark')
      mark.style.background = task.color
      button.append(mark, task.title)
      button.title = 'Show or hide in every chart'
      button.setAttribute('aria-pressed', String(!this.hidden.has(task.name)))
      button.onclick = () => {
        this.hidden.has(task.name) ? this.hidden.delete(task.name) : this.hidden.add(task.name)
        button.setAttribute('aria-pressed', String(!this.hidden.has(task.name)))
        this.spoil()
      }
      return button
    })
    this.state = element('span', 'live-state')
    const baseline = this.data.baseline_title ? [element('span', 'live-key', 'grey: ' + this.data.baseline_title)] : []
    this.legend.replaceChildren(...buttons, ...baseline, this.state)
  }

  showStatus() {
    const feed = this.feeds.run
    const store = feed?.store
    const text = !feed ? '' : feed.gone ? 'This run is no longer kept' : !feed.connected && feed.messages ? 'Connection lost, trying again'
      : store.points ? '' : WAITING[store.status] ?? ''
    if (this.state.textContent !== text) this.state.textContent = text
  }

  // Columns by the component's own width; heights so that all five fit the window.
  fit() {
    const width = this.root.clientWidth
    const few = (this.data?.panels.length ?? 5) < 3
    const rows = width >= 820 ? 2 : width >= 560 ? 3 : 5
    this.grid.dataset.rows = rows
    this.top = this.offset()
    const free = window.innerHeight - this.top - this.legend.offsetHeight - 28
    const height = rows === 5 ? 230 : few ? 300 : Math.max(215, Math.min(430, free / rows - 8))
    this.grid.style.setProperty('--row', Math.round(height) + 'px')
    this.spoil()
  }

  // How far down the page the charts begin, however far it is scrolled.
  offset() {
    return this.root.getBoundingClientRect().top + (document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0)
  }

  // What a test, or a curious person with the console open, can read.
  expose() {
    const lab = this
    window.__live = {
      get points() { return lab.feeds.run?.store.points ?? 0 },
      get step() { return lab.feeds.run?.store.step ?? 0 },
      get status() { return lab.feeds.run?.store.status ?? '' },
      get store() { return lab.feeds.run?.store },
      get baseline() { return lab.feeds.baseline?.store },
      get zoom() { return lab.zoom },
      get watch() { return lab.watch },
      get plots() { return Object.fromEntries(lab.panels.filter(panel => !panel.box.hidden).map(panel => [panel.name, panel.plot])) },
    }
  }

  close() {
    this.closed = true
    clearTimeout(this.timer)
    this.resize.disconnect()
    window.removeEventListener('resize', this.onWindow)
    Object.values(this.feeds).forEach(feed => feed.close())
    if (window.Plotly) this.panels.forEach(panel => window.Plotly.purge(panel.plot))
    delete this.root.__lab
  }
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector('.live-charts')
  root.__lab ??= new Lab(root)
  root.__lab.show(data)
  // An app rerun may call this again for the same element: only an element that is gone ends the feeds.
  return () => setTimeout(() => { if (!root.isConnected) root.__lab?.close() }, 0)
}
