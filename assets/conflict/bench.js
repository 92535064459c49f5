// The geometry bench: drag the tasks' gradients and see what every method makes of them. The dragged arrow is drawn at
// once; the methods' updates follow when the calculator has answered.

import { mounted } from '../shared/component.js'
import { followPointer, html, keyMove } from '../shared/dom.js'
import { rounded } from '../shared/format.js'
import { BenchPicture } from './bench_picture.js'
import { BenchTable } from './bench_table.js'
import { Calculator } from './calculator.js'
import { describeGeometry } from './geometry.js'

/** @import { Component, Point } from '../shared/types.d.ts' */
/** @import { Directions, Method } from './types.d.ts' */

/**
 * @typedef {object} Data what the page says
 * @property {string} address of the calculator
 * @property {Method[]} methods
 * @property {Point[]} arrows a gradient for each task
 * @property {string[]} hidden methods
 * @property {number} multiplier of NMT
 * @property {string} focus the chosen method
 * @property {number} version grows with each new address of the page
 *
 * @typedef {(name: string, value: unknown) => void} Emit
 */

const LONGEST = 2 // units: of a gradient
const STEP = 0.05 // units: of a key
const WIDE_STEP = 0.25
const SETTLE = 350 // milliseconds without a move after which the address is brought up to date

/** @type {Record<string, Point[]>} */
const EXAMPLES = {
  Agree: [
    [1.3, 0.5],
    [0.6, 1.2]
  ],
  'At right angles': [
    [1.3, 0.3],
    [-0.25, 1.1]
  ],
  Conflict: [
    [1.4, 0.4],
    [-0.9, 0.8]
  ],
  Opposed: [
    [1.2, 0.5],
    [-1.2, -0.5]
  ],
  'One drowns the other': [
    [1.9, 0.4],
    [-0.2, 0.25]
  ],
  'Three tasks': [
    [1.4, 0.2],
    [-0.2, 1.3],
    [-0.8, 0.5]
  ]
}

/** @param {Point[]} arrows @returns {Point[]} */
const copied = arrows => arrows.map(([x, y]) => [x, y])

/** @param {Point} gradient no longer than a gradient may be @returns {Point} */
export function shortenedTo(gradient, longest = LONGEST) {
  const cut = Math.min(1, longest / Math.max(Math.hypot(...gradient), 1e-9))
  return [gradient[0] * cut, gradient[1] * cut]
}

class Bench {
  /** @type {Data | undefined} */
  data
  /** @type {number | undefined} */
  version
  /** @type {Calculator | undefined} */
  calculator

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {Point[]} */
    this.arrows = []
    this.multiplier = 0
    /** @type {Set<string>} */
    this.hidden = new Set()
    /** @type {(Directions & { gradients: Point[] }) | null} */
    this.answer = null
    this.watch = { redraws: 0, delays: /** @type {number[]} */ ([]), asked: 0 }
    this.picture = new BenchPicture({
      onGrip: (event, task) => this.drag(event, task),
      onKey: (event, task) => this.key(event, task),
      onChoose: kind => this.choose(kind)
    })
    this.aloud = html('p', { className: 'bench-aloud', aria: { live: 'polite' } })
    this.status = html('p', { className: 'bench-says' })
    this.table = new BenchTable({ onToggle: kind => this.toggle(kind), onChoose: kind => this.choose(kind) })
    const left = html('div', { className: 'bench-left' }, this.buildBar(), this.picture.svg, this.status, this.aloud)
    root.replaceChildren(left, this.table.box)
    this.resize = new ResizeObserver(() => {
      this.picture.place = null
      this.draw()
    })
    this.resize.observe(left)
    window.__bench = this
  }

  buildBar() {
    const range = { type: 'range', min: 0, max: 5, step: 0.05, aria: { label: 'Multiplier of NMT' } }
    this.price = html('input', range)
    this.price.oninput = () => {
      this.multiplier = this.price?.valueAsNumber ?? 0
      this.moved(performance.now())
    }
    this.priceText = html('output')
    const buttons = Object.entries(EXAMPLES).map(([textContent, arrows]) => {
      const onclick = () => {
        this.arrows = copied(arrows)
        this.moved(performance.now())
      }
      return html('button', { type: 'button', textContent, onclick })
    })
    const price = html('label', { className: 'bench-price' }, "NMT's multiplier λ", this.price, this.priceText)
    return html('div', { className: 'bench-examples' }, ...buttons, price)
  }

  /** @param {Data} data @param {Emit} emit */
  show(data, emit) {
    this.emit = emit
    this.data = data
    if (this.version !== data.version) {
      // a new address; everything later is an echo of what was sent
      this.version = data.version
      this.arrows = copied(data.arrows)
      this.hidden = new Set(data.hidden)
      this.multiplier = data.multiplier
      if (this.price) this.price.valueAsNumber = data.multiplier
      this.answer = null
    }
    this.calculator ??= new Calculator(data.address, isLost => {
      this.isLost = isLost
      this.describe()
    })
    this.draw()
    this.ask()
  }

  // ------------------------------------------------------------------ asking

  /** @param {number} begun */
  moved(begun) {
    this.draw(this.answer?.gradients.length !== this.arrows.length)
    this.ask(begun)
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.settle(), SETTLE)
  }

  ask(begun = performance.now()) {
    const gradients = copied(this.arrows)
    this.watch.asked++
    this.calculator?.ask('directions', 'directions', { gradients, multiplier: this.multiplier }, answer => {
      this.problem = answer.problem
      if (answer.result) this.answer = { ...answer.result, gradients }
      this.draw()
      this.watch.delays.push(performance.now() - begun)
      this.watch.redraws++
    })
  }

  settle() {
    const arrows = this.arrows.map(pair => pair.map(value => rounded(value)))
    this.emit?.('bench', { arrows, hidden: [...this.hidden], multiplier: this.multiplier })
  }

  // ------------------------------------------------------------------ drawing

  /** The answer to the arrows that stand there; null while it is on its way. */
  current() {
    return this.answer?.gradients.length === this.arrows.length ? this.answer : null
  }

  /** @param {boolean} [listed] false leaves the list as it is: it changes with the answer, not with the hand */
  draw(listed = true) {
    if (!this.data || !this.root.isConnected) return
    const { methods, focus } = this.data
    const view = { methods, focus, arrows: this.arrows, hidden: this.hidden, answer: this.current() }
    this.picture.draw(view)
    if (this.priceText) this.priceText.textContent = this.multiplier.toFixed(2)
    if (listed) this.table.draw(view)
    this.describe()
  }

  describe() {
    if (this.problem) this.status.textContent = this.problem
    else if (this.isLost) this.status.textContent = 'Connection lost, trying again.'
    else if (this.answer) this.status.textContent = describeGeometry(this.answer, this.arrows.length)
    else this.status.textContent = 'The calculator is starting; the first answer takes a few seconds.'
  }

  // ------------------------------------------------------------------ moving

  /** @param {PointerEvent} event @param {number} task */
  drag(event, task) {
    this.picture.focus(task)
    const put = (/** @type {PointerEvent} */ moved) =>
      this.put(task, this.picture.fromScreen(moved.clientX, moved.clientY), performance.now())
    followPointer(event, put, () => this.announce(task))
  }

  /** @param {KeyboardEvent} event @param {number} task */
  key(event, task) {
    const move = keyMove(event)
    if (!move) return
    const step = event.shiftKey ? WIDE_STEP : STEP
    const [x, y] = this.arrows[task].map((value, axis) => rounded(value + step * move[axis], 3))
    this.put(task, [x, y], performance.now())
    this.announce(task)
  }

  /** @param {number} task @param {Point} gradient @param {number} begun */
  put(task, gradient, begun) {
    this.arrows[task] = shortenedTo(gradient)
    this.moved(begun)
  }

  /** @param {number} task */
  announce(task) {
    const [x, y] = this.arrows[task]
    this.aloud.textContent = `Gradient of task ${task + 1}: ${rounded(x)} across, ${rounded(y)} up`
  }

  /** @param {string} kind of the method that is explained below */
  choose(kind) {
    if (!this.data) return
    this.data.focus = kind
    this.draw()
    this.emit?.('focus', kind)
  }

  /** @param {string} kind of a method to show or to hide */
  toggle(kind) {
    if (!this.hidden.delete(kind)) this.hidden.add(kind)
    this.draw()
    this.settle()
  }

  close() {
    this.resize.disconnect()
    this.calculator?.close()
    clearTimeout(this.settling)
  }
}

export default mounted(
  '.bench',
  root => new Bench(root),
  (bench, /** @type {Component<Data>} */ { data, setStateValue, setTriggerValue }) =>
    bench.show({ ...data }, (name, value) => (name === 'focus' ? setTriggerValue : setStateValue)(name, value))
)
