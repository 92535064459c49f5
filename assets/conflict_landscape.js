// Two tasks over a plane: their losses as contours, and every method's way from the same start, walked before your eyes.
// Beside it the same ways in the plane of the two losses. plotly.js draws the ground; the ways lie in a layer above it,
// which keeps up with a drag and an animation.

const WALK_SECONDS = 6
const BUSY_STEPS = 240  // steps of a way
const LEVELS = 14  // contour lines a task
const START_STEP = 0.02, WIDE_START_STEP = 0.1  // of the picture's width, for a key
const LAND_SETTLE = 350  // milliseconds
const SOLID_PAUSE = 300  // milliseconds without news before the surfaces are drawn again
const NARROW_PLOT = 520  // pixels

const FLAT_TITLE = 'Parameters: contours of both losses', SOLID_TITLE = 'Both losses over the parameters'

class Land {
  constructor(root) {
    this.root = root
    this.ways = {}
    this.hidden = new Set()
    this.frame = Infinity
    this.flat = true
    this.watch = { frames: 0, delays: [], asked: 0 }
    this.play = html('button', { type: 'button', textContent: '▶', onclick: () => this.togglePlay() })
    this.slider = html('input', { type: 'range', min: 0, max: BUSY_STEPS, value: BUSY_STEPS, aria: { label: 'Step' } })
    this.slider.oninput = () => { this.stop(); this.goTo(Number(this.slider.value)) }
    this.where = html('output', {})
    this.turn = html('button', { type: 'button', textContent: '3-D', aria: { pressed: 'false' }, onclick: () => this.toggleView() })
    this.starts = html('span', { className: 'land-starts' })
    this.plane = this.buildPlot('land-plane', FLAT_TITLE)
    this.front = this.buildPlot('land-front', 'Losses: each task on an axis')
    this.solid = html('div', { className: 'land-solid' })
    this.plane.box.append(this.solid)
    this.list = html('div', { className: 'land-list' })
    this.says = html('p', { className: 'land-says' })
    this.aloud = html('p', { className: 'bench-aloud', aria: { live: 'polite' } })
    root.replaceChildren(
      html('div', { className: 'land-bar' }, this.play, this.slider, this.where, this.turn, this.starts),
      html('div', { className: 'land-plots' }, this.plane.box, this.front.box), this.list, this.says, this.aloud)
    this.resize = new ResizeObserver(() => this.ground())
    this.resize.observe(root)
    window.__land = this
  }

  buildPlot(className, title) {
    const plot = html('div', { className: 'land-ground' })
    const overlay = svg('svg', { class: 'land-overlay' })
    return { box: html('section', { className: 'land-plot ' + className }, html('h4', { textContent: title }), plot, overlay), plot, overlay }
  }

  show(data, emit) {
    this.emit = emit
    this.data = data
    const other = this.version !== data.version
    if (other) {
      this.version = data.version
      this.hidden = new Set(data.hidden)
      this.start = data.start ? [...data.start] : null
    }
    this.calculator ??= openCalculator(data.address, state => { this.lost = state === 'lost'; this.say() })
    this.loading ??= loadPlotly(data.plotly_address).then(() => { this.ready = true; this.ground() }, error => this.root.replaceChildren(html('p', { textContent: error.message })))
    if (this.landscape !== data.landscape) {
      if (this.landscape) this.start = null
      this.landscape = data.landscape
      this.surface = null
      this.ways = {}
      this.calculator.ask('surface', 'surface', { landscape: data.landscape }, said => this.take(said))
    } else if (other) this.walkAgain(performance.now())
    this.drawList()
    this.drawWays()
  }

  take(said) {
    this.problem = said.problem
    if (!said.result) return this.say()
    this.surface = said.result
    this.start ??= [...this.surface.starts[0]]
    this.starts.replaceChildren(...this.surface.starts.map((start, place) => html('button', {
      type: 'button', textContent: 'Start ' + (place + 1), onclick: () => { this.start = [...start]; this.released() },
    })))
    this.ground()
    this.walkAgain(performance.now())
  }

  // ------------------------------------------------------------------ asking

  shown() {
    return this.data.methods.filter(({ kind }) => !this.hidden.has(kind)).sort((one, other) => (other.kind === this.data.focus) - (one.kind === this.data.focus))
  }

  // All ways from the present start, the chosen method's first; while a drag lasts, that one alone.
  walkAgain(begun, only = null) {
    this.ways = {}
    for (const { kind } of this.shown()) if (!only || kind === only) this.walk(kind, begun)
    if (!only) this.begin()
    this.drawWays()
  }

  walk(kind, begun) {
    const start = [...this.start], landscape = this.landscape
    this.watch.asked++
    this.calculator.ask('way ' + kind, 'path', { landscape, start, steps: BUSY_STEPS, methods: [kind] }, said => {
      if (landscape !== this.landscape || start.join() !== this.start.join()) return
      this.problem = said.problem
      if (said.result) this.ways[kind] = said.result.methods[kind]
      this.watch.delays.push(performance.now() - begun)
      this.drawWays()
      this.drawList()
      if (!this.flat) this.drawSolid()
    })
  }

  // ------------------------------------------------------------------ time

  begin() {
    this.stop()
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.goTo(BUSY_STEPS)
    this.begun = performance.now()
    this.play.textContent = '❚❚'
    this.play.setAttribute('aria-label', 'Pause')
    const tick = () => {
      if (!this.root.isConnected) return
      const step = Math.min(BUSY_STEPS, (performance.now() - this.begun) / 1000 / WALK_SECONDS * BUSY_STEPS)
      this.goTo(Math.floor(step))
      if (step >= BUSY_STEPS) this.stop()
      else this.ticking = requestAnimationFrame(tick)
    }
    this.ticking = requestAnimationFrame(tick)
  }

  stop() {
    cancelAnimationFrame(this.ticking)
    this.ticking = null
    this.play.textContent = '▶'
    this.play.setAttribute('aria-label', 'Walk from the start')
    if (!this.flat) this.drawSolid()
  }

  togglePlay() { this.ticking ? this.stop() : this.begin() }

  goTo(step) {
    this.frame = step
    this.slider.value = step
    this.watch.frames++
    this.drawWays()
    if (!this.flat && !this.ticking) this.drawSolid()
  }

  // ------------------------------------------------------------------ the ground

  size(plot) {
    const width = plot.box.clientWidth
    if (width < NARROW_PLOT) return [width, Math.round(0.88 * width)]
    return [width, Math.max(300, Math.min(520, window.innerHeight - 450))]
  }

  ground() {
    if (!this.ready || !this.surface || !this.root.isConnected) return
    const theme = themeOf(this.root), { x, y } = this.surface
    this.draw(this.plane, this.surface.losses.map((z, task) => contour(x, y, z, task, theme)).concat(optima(this.surface)), {
      xaxis: { range: [x[0], x.at(-1)], constrain: 'domain' }, yaxis: { range: [y[0], y.at(-1)], scaleanchor: 'x', constrain: 'domain' },
    }, theme)
    const reach = reachable(this.surface)
    this.draw(this.front, [reach.cloud], {
      xaxis: { range: reach.x, title: { text: 'Loss of task 1', font: { color: TASK_COLOURS[0] } } }, yaxis: { range: reach.y, title: { text: 'Loss of task 2', font: { color: TASK_COLOURS[1] } } },
    }, theme)
    this.drawWays()
    if (!this.flat) this.drawSolid()
  }

  draw(where, traces, axes, theme) {
    const [width, height] = this.size(where)
    const grid = { gridcolor: theme.border, zeroline: false, fixedrange: true, linecolor: theme.border, showgrid: false }
    window.Plotly.react(where.plot, traces, {
      width, height, margin: { l: 46, r: 10, t: 28, b: 36 }, showlegend: false, dragmode: false, hovermode: false,
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { family: theme.font, size: 11, color: theme.text },
      xaxis: { ...grid, ...axes.xaxis }, yaxis: { ...grid, ...axes.yaxis },
    }, { displayModeBar: false, staticPlot: true, responsive: false })
    where.overlay.setAttribute('viewBox', `0 0 ${width} ${height}`)
    where.overlay.setAttribute('width', width)
    where.overlay.setAttribute('height', height)
  }

  // From the numbers of a plot to pixels of the layer above it, and back.
  scale(where) {
    const layout = where.plot._fullLayout
    if (!layout?.xaxis?._length) return null
    const { xaxis, yaxis } = layout, l = xaxis._offset, t = yaxis._offset
    return {
      to: (x, y) => [l + xaxis.l2p(x), t + yaxis.l2p(y)],
      from: (x, y) => [xaxis.p2l(x - l), yaxis.p2l(y - t)],
      box: [l, t, xaxis._length, yaxis._length],
    }
  }

  // ------------------------------------------------------------------ the ways

  drawWays() {
    if (!this.ready || !this.surface || !this.start) return
    const held = this.plane.overlay.contains(activeIn(this.root))
    this.drawOn(this.plane, way => way.x.map((x, i) => [x, way.y[i]]), true)
    this.drawOn(this.front, way => way.losses[0].map((x, i) => [x, way.losses[1][i]]), false)
    if (held) this.plane.overlay.querySelector('.land-start')?.focus({ preventScroll: true })
    this.where.textContent = `Step ${Math.min(BUSY_STEPS, this.frame)} of ${BUSY_STEPS}`
    this.say()
  }

  drawOn(where, points, draggable) {
    const scale = this.scale(where)
    if (!scale) return
    const [left, top, width, height] = scale.box
    const cut = 'land-cut-' + where.box.className.replaceAll(' ', '-')
    const shapes = [svg('clipPath', { id: cut }, svg('rect', { x: left, y: top, width, height }))]
    const layer = svg('g', { 'clip-path': `url(#${cut})` })
    shapes.push(layer, ...this.boundMarks(where, scale, draggable, layer))
    const labels = []
    for (const { kind, title } of this.shown().toReversed()) {
      const way = this.ways[kind]
      if (!way?.x) continue
      const seen = Math.min(way.x.length, Math.floor(this.frame) + 1)
      const line = points(way).slice(0, seen).map(([x, y]) => scale.to(x, y))
      const chosen = kind === this.data.focus ? ' land-chosen' : ''
      layer.append(svg('polyline', { class: 'land-way' + chosen, points: line.map(at => at.map(value => round(value, 1)).join()).join(' '), 'stroke-dasharray': dashOf(this.data.methods.findIndex(method => method.kind === kind)) }))
      const head = line.at(-1)
      layer.append(svg('circle', { cx: head[0], cy: head[1], r: chosen ? 6 : 4, class: 'land-head' }))
      labels.push({ head, title, chosen })
    }
    shapes.push(...nameTags(labels, scale.box))
    if (draggable) shapes.push(this.startMark(scale))
    where.overlay.replaceChildren(...shapes)
    if (draggable) where.overlay.onpointerdown = event => this.drag(event)
  }

  // NMT's bound on task 1: in the plane of losses a line that it may not cross, in the plane of parameters a contour.
  boundMarks(where, scale, inPlane, layer) {
    const bound = this.bound()
    if (bound === null) return []
    const [left, top, width, height] = scale.box
    if (inPlane) {
      for (const line of levelLines(this.surface, 0, bound)) {
        layer.append(svg('polyline', { points: line.map(([x, y]) => scale.to(x, y).map(value => round(value, 1)).join()).join(' '), fill: 'none', stroke: TASK_COLOURS[0], 'stroke-width': 3.5, 'stroke-linecap': 'round' }))
      }
      return []
    }
    const x = scale.to(bound, 0)[0]
    if (x > left && x < left + width) {
      layer.append(svg('rect', { x: left, y: top, width: x - left, height, fill: '#009E73', opacity: 0.09 }),
        svg('line', { x1: x, x2: x, y1: top, y2: top + height, stroke: TASK_COLOURS[0], 'stroke-width': 3.5 }))
    }
    return []
  }

  bound() {
    const way = this.hidden.has('nmt') ? null : this.ways.nmt
    const change = way?.stage?.indexOf(1) ?? -1
    return change < 0 || this.frame < change ? null : way.losses[0][change] + this.surface.tolerance
  }

  startMark(scale) {
    const [x, y] = scale.to(...this.start)
    const mark = svg('circle', { cx: x, cy: y, r: 9, class: 'land-start', tabindex: 0, role: 'button', 'aria-label': `Start at ${round(this.start[0])}, ${round(this.start[1])}. Drag it, or move it with the arrow keys.` })
    mark.onkeydown = event => this.key(event)
    return mark
  }

  // ------------------------------------------------------------------ the start

  drag(event) {
    const put = moved => {
      const box = this.plane.overlay.getBoundingClientRect(), scale = this.scale(this.plane)
      const shrink = this.size(this.plane)[0] / box.width
      this.put(scale.from((moved.clientX - box.left) * shrink, (moved.clientY - box.top) * shrink))
      this.frame = BUSY_STEPS
      this.walkAgain(performance.now(), this.data.focus)
    }
    this.stop()
    put(event)
    followPointer(event, put, () => this.released())
  }

  put([x, y]) {
    const inside = (value, axis) => Math.min(axis.at(-1), Math.max(axis[0], value))
    this.start = [inside(x, this.surface.x), inside(y, this.surface.y)]
  }

  key(event) {
    const move = KEY_MOVES[event.key]
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const step = (event.shiftKey ? WIDE_START_STEP : START_STEP) * (this.surface.x.at(-1) - this.surface.x[0])
    this.put([this.start[0] + step * move[0], this.start[1] + step * move[1]])
    this.frame = BUSY_STEPS
    this.walkAgain(performance.now(), this.data.focus)
    clearTimeout(this.keyed)
    this.keyed = setTimeout(() => this.released(), LAND_SETTLE)
  }

  released() {
    this.aloud.textContent = `Start at ${round(this.start[0])}, ${round(this.start[1])}`
    this.walkAgain(performance.now())
    this.settle()
  }

  settle() {
    this.emit('land', { landscape: this.landscape, start: this.start.map(value => round(value, 3)), hidden: [...this.hidden] })
  }

  // ------------------------------------------------------------------ three dimensions

  toggleView() {
    this.flat = !this.flat
    this.turn.setAttribute('aria-pressed', String(!this.flat))
    this.turn.textContent = this.flat ? '3-D' : '2-D'
    this.plane.plot.hidden = !this.flat
    this.plane.overlay.style.display = this.flat ? '' : 'none'
    this.solid.hidden = this.flat
    this.plane.box.firstChild.textContent = this.flat ? FLAT_TITLE : SOLID_TITLE
    if (this.flat) window.Plotly.purge(this.solid)
    else this.drawSolid()
    this.drawWays()
  }

  drawSolid() {
    clearTimeout(this.solidTimer)
    this.solidTimer = setTimeout(() => this.drawSolidNow(), SOLID_PAUSE)
  }

  drawSolidNow() {
    if (!this.ready || !this.surface || this.flat || !this.root.isConnected) return
    const theme = themeOf(this.root), [width, height] = this.size(this.plane)
    const { traces, top } = solidTraces(this.surface, this.shown().map(method => ({ ...method, way: this.ways[method.kind], chosen: method.kind === this.data.focus })).filter(({ way }) => way?.x), Math.floor(this.frame), theme)
    const axis = { gridcolor: theme.border, color: theme.text, backgroundcolor: 'rgba(0,0,0,0)' }
    try {
      window.Plotly.react(this.solid, traces, {
        width, height, margin: { l: 0, r: 0, t: 24, b: 0 }, showlegend: false, paper_bgcolor: 'rgba(0,0,0,0)', font: { family: theme.font, size: 11, color: theme.text }, uirevision: this.landscape,
        scene: { xaxis: { ...axis, title: { text: '' } }, yaxis: { ...axis, title: { text: '' } }, zaxis: { ...axis, range: [0, top], title: { text: 'Loss' } }, camera: { eye: { x: 1.3, y: -1.5, z: 0.9 } } },
      }, { displayModeBar: false, responsive: false })
    } catch (error) {
      this.solid.textContent = 'This browser cannot draw in three dimensions (WebGL is off); the flat picture says the same.'
    }
  }

  // ------------------------------------------------------------------ words

  drawList() {  // only where it says something new, as on the bench
    const key = JSON.stringify([this.data.methods.map(({ kind }) => this.ways[kind]?.problem), [...this.hidden], this.data.focus])
    if (key === this.listed) return
    this.listed = key
    const held = this.list.contains(activeIn(this.root)) ? activeIn(this.root) : null
    const again = held && `[data-kind="${held.parentElement.dataset.kind}"] ${held.tagName.toLowerCase()}`
    this.list.replaceChildren(...this.data.methods.map(({ kind, title }, place) => {
      const box = html('input', { type: 'checkbox', checked: !this.hidden.has(kind), aria: { label: 'Show ' + title }, onchange: () => this.toggle(kind) })
      const mark = svg('svg', { width: 22, height: 6, 'aria-hidden': 'true' }, svg('line', { x1: 0, x2: 22, y1: 3, y2: 3, stroke: 'currentColor', 'stroke-width': 2, 'stroke-dasharray': dashOf(place) }))
      const name = html('button', { type: 'button', textContent: title, title: this.ways[kind]?.problem ?? '', aria: { pressed: String(kind === this.data.focus) }, onclick: () => this.choose(kind) })
      return html('span', { className: kind === this.data.focus ? 'land-chosen' : '', data: { kind } }, box, mark, name)
    }))
    if (again) this.list.querySelector(again)?.focus({ preventScroll: true })
  }

  toggle(kind) {
    if (this.hidden.has(kind)) {
      this.hidden.delete(kind)
      if (!this.ways[kind] && this.surface) this.walk(kind, performance.now())
    } else this.hidden.add(kind)
    this.drawWays()
    this.drawList()
    this.settle()
  }

  choose(kind) {
    this.data.focus = kind
    if (this.hidden.has(kind)) this.toggle(kind)
    this.drawWays()
    this.drawList()
    this.emit('focus', kind)
  }

  say() {
    if (this.problem) this.says.textContent = this.problem
    else if (this.lost) this.says.textContent = 'Connection lost, trying again.'
    else if (!this.surface) this.says.textContent = 'The calculator is starting; the first answer takes a few seconds.'
    else this.says.textContent = sayWay(this)
  }

  close() {
    this.stop()
    clearTimeout(this.solidTimer)
    this.resize.disconnect()
    this.calculator?.close()
    for (const plot of [this.plane.plot, this.front.plot, this.solid]) if (plot._fullLayout) window.Plotly.purge(plot)
    delete this.root.__land
  }
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector('.land')
  root.__land ??= new Land(root)
  root.__land.show({ ...data }, (name, value) => (name === 'focus' ? setTriggerValue : setStateValue)(name, value))
  return () => setTimeout(() => { if (!root.isConnected) root.__land?.close() }, 0)
}
