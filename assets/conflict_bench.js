// The geometry bench: drag the tasks' gradients and see what every method makes of them. The dragged arrow is drawn at
// once; the methods' updates follow when the calculator has answered.

const VIEW = 2.4  // units from the middle to the edge of the disc
const LONGEST = 2, STEP = 0.05, WIDE_STEP = 0.25  // units: of a gradient, of a key
const SAME = 0.015  // updates closer than this share of their length are one arrow with several names
const SETTLE = 350  // milliseconds without a move after which the address is brought up to date
const NARROW_BENCH = 560  // pixels
const EXAMPLES = {
  'Agree': [[1.3, 0.5], [0.6, 1.2]],
  'At right angles': [[1.3, 0.3], [-0.25, 1.1]],
  'Conflict': [[1.4, 0.4], [-0.9, 0.8]],
  'Opposed': [[1.2, 0.5], [-1.2, -0.5]],
  'One drowns the other': [[1.9, 0.4], [-0.2, 0.25]],
  'Three tasks': [[1.4, 0.2], [-0.2, 1.3], [-0.8, 0.5]],
}

class Bench {
  constructor(root) {
    this.root = root
    this.arrows = []
    this.hidden = new Set()
    this.answer = null
    this.watch = { redraws: 0, delays: [], asked: 0 }
    this.picture = svg('svg', { role: 'group', 'aria-label': 'Gradients of the tasks as arrows, and the update of every method' })
    this.examples = html('div', { className: 'bench-examples' })
    this.aloud = html('p', { className: 'bench-aloud', aria: { live: 'polite' } })
    this.says = html('p', { className: 'bench-says' })
    this.list = html('div', { className: 'bench-list' })
    this.price = html('input', { type: 'range', min: 0, max: 5, step: 0.05, aria: { label: 'Multiplier of NMT' } })
    this.price.oninput = () => { this.multiplier = this.price.valueAsNumber; this.moved(performance.now()) }
    this.priceText = html('output', {})
    const left = html('div', { className: 'bench-left' }, this.examples, this.picture, this.says, this.aloud)
    root.replaceChildren(left, this.list)
    this.resize = new ResizeObserver(() => { this.place = null; this.draw() })
    this.resize.observe(left)
    this.calculator = null
    window.__bench = this
  }

  show(data, emit) {
    this.emit = emit
    this.data = data
    if (this.version !== data.version) {  // a new address; everything later is an echo of what was sent
      this.version = data.version
      this.arrows = data.arrows.map(pair => [...pair])
      this.hidden = new Set(data.hidden)
      this.multiplier = this.price.valueAsNumber = data.multiplier
      this.answer = null
    }
    this.calculator ??= openCalculator(data.address, state => { this.lost = state === 'lost'; this.say() })
    this.drawExamples()
    this.draw()
    this.ask()
  }

  drawExamples() {
    const choose = arrows => () => { this.arrows = arrows.map(pair => [...pair]); this.moved(performance.now()) }
    const price = html('label', { className: 'bench-price' }, 'NMT\'s multiplier λ', this.price, this.priceText)
    this.examples.replaceChildren(...Object.entries(EXAMPLES).map(([name, arrows]) =>
      html('button', { type: 'button', textContent: name, onclick: choose(arrows) })), price)
  }

  // ------------------------------------------------------------------ asking

  moved(begun) {
    this.draw(this.answer?.gradients.length !== this.arrows.length)
    this.ask(begun)
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.settle(), SETTLE)
  }

  ask(begun = performance.now()) {
    const gradients = this.arrows.map(pair => [...pair])
    this.watch.asked++
    this.calculator.ask('directions', 'directions', { gradients, multiplier: this.multiplier }, said => {
      this.problem = said.problem
      if (said.result) this.answer = { ...said.result, gradients }
      this.draw()
      this.watch.delays.push(performance.now() - begun)
      this.watch.redraws++
    })
  }

  settle() {
    this.emit('bench', { arrows: this.arrows.map(pair => pair.map(value => round(value))), hidden: [...this.hidden], multiplier: this.multiplier })
  }

  // ------------------------------------------------------------------ drawing

  measure() {
    const width = Math.max(240, this.picture.parentElement.clientWidth)
    const narrow = width < NARROW_BENCH
    const height = narrow ? Math.min(width, 420) : Math.max(360, Math.min(520, window.innerHeight - 430))
    const radius = Math.min(height / 2 - 8, width / 2 - (narrow ? 8 : 150))
    return { width, height, radius, narrow, centre: [width / 2, height / 2], scale: radius / VIEW }
  }

  toScreen([x, y]) {
    const { centre, scale } = this.place
    return [centre[0] + x * scale, centre[1] - y * scale]
  }

  // `listed` false leaves the list as it is: it changes with the answer, not with the hand.
  draw(listed = true) {
    if (!this.data || !this.root.isConnected) return
    const place = this.place ??= this.measure()  // read once: asking the page for it at every move would cost a layout
    const { width, height, radius, centre } = place
    const focused = activeIn(this.root)?.dataset?.task
    this.picture.setAttribute('viewBox', `0 0 ${width} ${height}`)
    this.picture.setAttribute('width', width)
    this.picture.setAttribute('height', height)
    const current = this.answer?.gradients.length === this.arrows.length ? this.answer : null
    this.picture.replaceChildren(
      svg('circle', { cx: centre[0], cy: centre[1], r: radius, class: 'bench-disc' }),
      svg('circle', { cx: centre[0], cy: centre[1], r: place.scale, class: 'bench-unit' }),
      ...this.cone(current), ...this.methods(current), ...this.arrows.map((pair, task) => this.handle(pair, task)))
    if (focused !== undefined) this.picture.querySelector(`[data-task="${focused}"]`)?.focus({ preventScroll: true })
    this.priceText.textContent = this.multiplier.toFixed(2)
    if (listed) this.drawList(current)
    this.say()
  }

  cone(answer) {
    const { centre, radius } = this.place
    return (answer?.cone ?? []).map(([from, to]) => to - from < 0.01
      ? svg('line', { x1: centre[0], y1: centre[1], x2: centre[0] + radius * Math.cos(from), y2: centre[1] - radius * Math.sin(from), class: 'bench-ray' })
      : svg('path', { d: sector(centre, radius, from, to), class: 'bench-cone' }))
  }

  // Arrows of the methods, one for all that agree, each with its names at the side.
  methods(answer) {
    if (!answer) return []
    const { width, height, radius, centre, scale, narrow } = this.place
    const groups = this.groups(answer)
    const shapes = [], labels = []
    for (const { update, names, places } of groups) {
      const length = Math.hypot(...update)
      const cut = Math.min(1, (VIEW * 0.985) / Math.max(length, 1e-12))
      const tip = this.toScreen(update.map(value => value * cut))
      const chosen = places.some(place => this.data.methods[place].kind === this.data.focus)
      const shape = arrow(centre, tip, {
        color: 'currentColor', width: chosen ? 4 : 1.7, opacity: chosen ? 1 : 0.62, dash: dashOf(places[0]), className: 'bench-update',
      })
      shape.dataset.kinds = places.map(place => this.data.methods[place].kind).join(' ')
      shape.append(svg('title', {}, document.createTextNode(names.join(', '))))
      shape.onclick = () => this.choose(this.data.methods[places[0]].kind)
      shapes.push({ shape, chosen })
      const rows = inRows(folded(names), narrow ? 16 : 22, ', ')
      if (cut < 1) rows.push(`(length ${round(length, 1)})`)
      if (length * scale < 1) rows.push('no step')
      // Its name stands where its ray leaves the disc, so that the lines to the names do not cross.
      const edge = narrow ? tip[1] : length * scale < 1 ? centre[1] : centre[1] - radius * update[1] / length
      labels.push({ tip, rows, chosen, right: update[0] >= 0, y: edge, tall: rows.length * ROW_OF_NAMES })
    }
    shapes.sort((one, other) => one.chosen - other.chosen)
    const shown = narrow ? labels.filter(label => label.chosen) : labels
    const sides = [true, false].flatMap(right => makeRoom(shown.filter(label => label.right === right), height))
    return [...shapes.map(({ shape }) => shape), ...sides.map(label => this.label(label, { width, radius, centre, narrow }))]
  }

  label({ tip, rows, chosen, right, y, tall }, { radius, centre, narrow }) {
    const start = narrow ? tip[0] < centre[0] : right
    const x = narrow ? tip[0] + (start ? 12 : -12) : centre[0] + (right ? 1 : -1) * (radius + 12)
    const text = svg('text', { x, y: y - tall / 2 + 10, 'text-anchor': start ? 'start' : 'end', class: chosen ? 'bench-name bench-chosen' : 'bench-name' },
      ...rows.map((row, place) => svg('tspan', { x, dy: place ? ROW_OF_NAMES : 0 }, document.createTextNode(row))))
    if (narrow) return text
    const line = svg('polyline', { points: [tip, [centre[0] + (right ? 1 : -1) * (radius + 2), y], [x - (right ? 2 : -2), y]].map(point => point.join()).join(' '), class: 'bench-leader' })
    return svg('g', {}, line, text)
  }

  groups(answer) {
    const groups = []
    for (const [place, { kind, title }] of this.data.methods.entries()) {
      const update = answer.methods[kind]?.update
      if (!update || this.hidden.has(kind)) continue
      const near = groups.find(group => Math.hypot(group.update[0] - update[0], group.update[1] - update[1])
        <= SAME * Math.max(0.05, Math.hypot(...update), Math.hypot(...group.update)))
      if (near) { near.names.push(title); near.places.push(place) }
      else groups.push({ update, names: [title], places: [place] })
    }
    return groups
  }

  handle([x, y], task) {
    const { centre } = this.place
    const tip = this.toScreen([x, y])
    const color = TASK_COLOURS[task]
    const out = [tip[0] + 15 * Math.sign(x || 1), tip[1] - 12 * Math.sign(y || 1)]
    const grip = svg('g', {
      class: 'bench-grip', tabindex: 0, role: 'button', 'data-task': task,
      'aria-label': `Gradient of task ${task + 1}: ${round(x)} across, ${round(y)} up. Drag it, or move it with the arrow keys.`,
    }, arrow(centre, tip, { color, width: 4 }), svg('circle', { cx: tip[0], cy: tip[1], r: 22, class: 'bench-touch' }),
      svg('circle', { cx: tip[0], cy: tip[1], r: 7, class: 'bench-knob', stroke: color }),
      svg('text', { x: out[0], y: out[1] + 4, 'text-anchor': 'middle', class: 'bench-task', fill: color }, document.createTextNode('g' + '₁₂₃'[task])))
    grip.onpointerdown = event => this.drag(event, task)
    grip.onkeydown = event => this.key(event, task)
    return grip
  }

  // ------------------------------------------------------------------ moving

  drag(event, task) {
    this.picture.querySelector(`[data-task="${task}"]`)?.focus({ preventScroll: true })
    followPointer(event, moved => {
      const box = this.picture.getBoundingClientRect(), { centre, scale, width } = this.place
      const shrink = width / box.width
      this.put(task, [((moved.clientX - box.left) * shrink - centre[0]) / scale, (centre[1] - (moved.clientY - box.top) * shrink) / scale], performance.now())
    }, () => this.tell(task))
  }

  key(event, task) {
    const move = KEY_MOVES[event.key]
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const step = event.shiftKey ? WIDE_STEP : STEP
    this.put(task, this.arrows[task].map((value, axis) => round(value + step * move[axis], 3)), performance.now())
    this.tell(task)
  }

  put(task, pair, begun) {
    const length = Math.hypot(...pair), cut = Math.min(1, LONGEST / Math.max(length, 1e-9))
    this.arrows[task] = pair.map(value => value * cut)
    this.moved(begun)
  }

  tell(task) {
    const [x, y] = this.arrows[task]
    this.aloud.textContent = `Gradient of task ${task + 1}: ${round(x)} across, ${round(y)} up`
  }

  choose(kind) {
    this.data.focus = kind
    this.draw()
    this.emit('focus', kind)
  }

  toggle(kind) {
    this.hidden.has(kind) ? this.hidden.delete(kind) : this.hidden.add(kind)
    this.draw()
    this.settle()
  }

  // ------------------------------------------------------------------ words

  // Drawn only where it says something new: a press on a button that is replaced before its release would be lost.
  drawList(answer) {
    const key = JSON.stringify([answer, this.arrows, [...this.hidden], this.data.focus])
    if (key === this.listed) return
    this.listed = key
    const head = html('tr', {}, html('th', { textContent: 'Method', scope: 'col' }),
      ...this.arrows.map((_, task) => {
        const cell = html('th', { scope: 'col', title: `Cosine between the update and the gradient of task ${task + 1}` }, html('span', { className: 'bench-dot' }), 'loss ' + (task + 1))
        cell.firstChild.style.background = TASK_COLOURS[task]
        return cell
      }))
    const rows = this.data.methods.map(({ kind, title }, place) => this.row(kind, title, place, answer))
    const held = this.list.contains(activeIn(this.root)) ? activeIn(this.root) : null
    const again = held && `[data-kind="${held.closest('tr')?.dataset.kind}"] ${held.tagName.toLowerCase()}`
    this.list.replaceChildren(html('table', {}, html('thead', {}, head), html('tbody', {}, ...rows)))
    if (again) this.list.querySelector(again)?.focus({ preventScroll: true })
  }

  row(kind, title, place, answer) {
    const result = answer?.methods[kind]
    const box = html('input', { type: 'checkbox', checked: !this.hidden.has(kind), onchange: () => this.toggle(kind), aria: { label: 'Show ' + title } })
    const mark = svg('svg', { width: 26, height: 8, 'aria-hidden': 'true' },
      svg('line', { x1: 0, x2: 26, y1: 4, y2: 4, stroke: 'currentColor', 'stroke-width': 2, 'stroke-dasharray': dashOf(place) }))
    const name = html('button', { type: 'button', textContent: title, title: result?.problem ?? 'What it guarantees, costs, and when it fails', onclick: () => this.choose(kind), aria: { pressed: String(kind === this.data.focus) } })
    const row = html('tr', { className: kind === this.data.focus ? 'bench-chosen' : '', data: { kind } },
      html('td', {}, html('div', {}, box, mark, name)), ...this.arrows.map((pair, task) => this.effect(result, pair, task)))
    return row
  }

  effect(result, pair, task) {
    if (!result) return html('td', { textContent: '' })
    if (!result.update) return html('td', { textContent: '–', title: result.problem })
    const size = Math.hypot(...result.update) * Math.hypot(...pair)
    if (size < 1e-9) return html('td', { textContent: 'stays' })
    const cosine = Math.max(-1, Math.min(1, result.products[task] / size))
    const flat = Math.abs(cosine) < 0.005
    const text = flat ? 'stays' : (cosine > 0 ? '▼ ' : '▲ ') + Math.abs(cosine).toFixed(2)
    return html('td', { textContent: text, className: cosine < -0.005 ? 'bench-harm' : '', title: flat ? 'unchanged to first order' : cosine > 0 ? 'falls' : 'rises: this task is harmed' })
  }

  say() {
    const answer = this.answer
    if (this.problem) this.says.textContent = this.problem
    else if (this.lost) this.says.textContent = 'Connection lost, trying again.'
    else if (!answer) this.says.textContent = 'The calculator is starting; the first answer takes a few seconds.'
    else this.says.textContent = sayGeometry(answer, this.arrows.length)
  }

  close() {
    this.resize.disconnect()
    this.calculator?.close()
    clearTimeout(this.settling)
    delete this.root.__bench
  }
}

// At most four names on one arrow; the list at the side has them all.
const folded = names => (names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names)

function sayGeometry(answer, tasks) {
  const pairs = []
  for (let i = 0; i < tasks; i++) for (let j = i + 1; j < tasks; j++) pairs.push([i + 1, j + 1, answer.cosines[i]?.[j] ?? null])
  const known = pairs.filter(([, , cosine]) => cosine !== null)
  if (!known.length) return 'A gradient of length 0 has no direction: that task asks for no change.'
  const angles = known.map(([i, j, cosine]) => `${Math.round(Math.acos(Math.max(-1, Math.min(1, cosine))) * 180 / Math.PI)}° between g${'₁₂₃'[i - 1]} and g${'₁₂₃'[j - 1]}`).join(', ')
  if (known.some(([, , cosine]) => cosine < -0.985)) {
    return `${angles}: opposed. No step lowers both losses. At an active bound of NMT this is what success looks like: the multiplier weighs the two until they cancel.`
  }
  if (!answer.cone?.length) return `${angles}. No direction lowers every loss at once: there is no cone of non-conflict.`
  const conflicts = known.some(([, , cosine]) => cosine < 0)
  return `${angles}. ${conflicts ? 'A conflict: the plain sum may harm a task.' : 'No conflict.'} An update inside the shaded cone harms no task.`
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector('.bench')
  root.__bench ??= new Bench(root)
  root.__bench.show({ ...data }, (name, value) => (name === 'focus' ? setTriggerValue : setStateValue)(name, value))
  return () => setTimeout(() => { if (!root.isConnected) root.__bench?.close() }, 0)
}
