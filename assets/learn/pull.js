// The picture of two tasks that pull at one point: drag the point, move the limit, let it descend.

import { mounted } from '../shared/component.js'
import { followPointer, html, keyMove, prefersCalm, svg } from '../shared/dom.js'
import { colourOf, themeOf } from '../shared/palette.js'
import { A, B, begin, loss, multiplierAtRest, radius, rests, step } from './pull_model.js'

/** @import { Point } from '../shared/types.d.ts' */

/**
 * `limit`: null, nothing is held. `move`: the limit can be moved. `words`: what the picture says, in the language.
 * @typedef {{ limit: number | null, move: boolean, version: string, words: Record<string, string> }} Data
 * @typedef {(name: string, value: unknown) => void} Emit
 */

const WIDTH = 640
const HEIGHT = 300
const CHART = 110
const SCALE = 260 // pixels of one unit
const MOST = 900 // steps of one descent
const STEPS_A_FRAME = 3
const LEAST_LIMIT = 0.01
const MOST_LIMIT = 0.6

/** @param {Point} at @returns {Point} where it stands on the screen */
const screen = at => [WIDTH / 2 + SCALE * at[0], HEIGHT / 2 - SCALE * at[1]]

class Pull {
  /** @type {Data} */
  data = { limit: null, move: false, version: '', words: {} }
  state = begin([-0.1, 0.3])
  /** @type {number[]} */
  multipliers = []
  facts = { moved: false, held: false, limit: 0, multiplier: 0, rested: false }
  frame = 0
  /** @type {Emit} */
  emit = () => {}

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.plane = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'group', class: 'pull-plane' })
    this.chart = svg('svg', { viewBox: `0 0 ${WIDTH} ${CHART}`, role: 'img', class: 'pull-chart' })
    this.run = html('button', { type: 'button', onclick: () => this.toggle() })
    this.says = html('p', { className: 'pull-says', aria: { live: 'polite' } })
    root.replaceChildren(this.plane, html('div', { className: 'pull-bar' }, this.run, this.says), this.chart)
  }

  /** @param {Data} data @param {Emit} emit */
  show(data, emit) {
    this.emit = emit
    if (data.version === this.data.version) return
    this.data = data
    this.facts = { ...this.facts, limit: data.limit ?? 0 }
    this.draw()
  }

  toggle() {
    if (this.frame) return this.stop()
    this.state = begin(this.state.at)
    this.multipliers = []
    const calm = prefersCalm()
    const turn = () => {
      for (let count = 0; count < (calm ? MOST : STEPS_A_FRAME); count++) {
        this.state = step(this.state, this.data.limit)
        this.multipliers.push(this.state.multiplier)
        if (this.multipliers.length > 30 && rests(this.state, this.data.limit)) return this.stop(true)
      }
      if (this.multipliers.length >= MOST) return this.stop(true)
      this.frame = requestAnimationFrame(turn)
      this.draw()
    }
    this.frame = requestAnimationFrame(turn)
  }

  /** @param {boolean} [rested] */
  stop(rested = false) {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    const held = rested && this.data.limit !== null && this.state.multiplier > 0.02
    this.tell({ multiplier: this.state.multiplier, rested, held: this.facts.held || held })
  }

  /** @param {Partial<Pull['facts']>} changes */
  tell(changes) {
    this.facts = { ...this.facts, ...changes }
    this.emit('facts', { ...this.facts })
    this.draw()
  }

  close() {
    cancelAnimationFrame(this.frame)
  }

  draw() {
    const theme = themeOf(this.root)
    const { words, limit } = this.data
    this.run.textContent = this.frame ? words.stop : words.descend
    const [first, second] = [loss(this.state.at, A), loss(this.state.at, B)]
    const parts = [`${words.first} ${first.toFixed(3)}`, `${words.second} ${second.toFixed(3)}`]
    if (limit !== null) parts.push(`${words.limit} ${limit.toFixed(3)}`, `λ ${this.state.multiplier.toFixed(2)}`)
    this.says.textContent = parts.join(' · ')
    this.plane.setAttribute('aria-label', parts.join(', '))
    this.plane.replaceChildren(...this.circle(), ...this.pulls(), ...this.aims(), this.point())
    this.chart.setAttribute('aria-label', `λ, ${words.over}`)
    this.chart.replaceChildren(...this.curve(theme))
  }

  aims() {
    return [A, B].flatMap((aim, task) => {
      const [x, y] = screen(aim)
      const name = task ? this.data.words.second : this.data.words.first
      return [
        svg('circle', { cx: x, cy: y, r: 7, fill: colourOf(task) }),
        svg('text', { x, y: y + 12, class: 'pull-name' }, name)
      ]
    })
  }

  circle() {
    const { limit, move, words } = this.data
    if (limit === null) return []
    const [x, y] = screen(A)
    const around = SCALE * radius(limit)
    const ring = svg('circle', {
      cx: x,
      cy: y,
      r: around,
      fill: colourOf(0),
      'fill-opacity': 0.1,
      stroke: colourOf(0),
      'stroke-dasharray': '6 4'
    })
    if (!move) return [ring]
    const handle = svg('circle', { cx: x, cy: y - around, r: 9, fill: colourOf(0), tabindex: 0, class: 'pull-handle' })
    handle.setAttribute('role', 'slider')
    handle.setAttribute('aria-label', words.limit)
    handle.setAttribute('aria-valuenow', limit.toFixed(3))
    handle.addEventListener('pointerdown', event => this.dragLimit(event))
    handle.addEventListener('keydown', event => {
      const by = keyMove(event)
      if (by) this.setLimit(limit * (1 + 0.1 * (by[0] || by[1])), true)
    })
    return [ring, handle]
  }

  /** @param {PointerEvent} event */
  dragLimit(event) {
    const [x, y] = screen(A)
    followPointer(
      event,
      moved => {
        const [across, up] = this.under(moved)
        this.setLimit((Math.hypot(across - x, up - y) / SCALE) ** 2 / 2, false)
      },
      () => this.tell({ limit: this.data.limit ?? 0 })
    )
  }

  /** @param {number} limit @param {boolean} done */
  setLimit(limit, done) {
    this.data = { ...this.data, limit: Math.max(LEAST_LIMIT, Math.min(MOST_LIMIT, limit)) }
    if (done) this.tell({ limit: this.data.limit ?? 0 })
    else this.draw()
  }

  /** The two pulls at the point. */
  pulls() {
    const from = screen(this.state.at)
    return [A, B].map((aim, task) => {
      const to = screen(aim)
      const share = 0.35 * (task === 0 && this.data.limit !== null ? Math.min(2, this.state.multiplier) : 1)
      return svg('line', {
        x1: from[0],
        y1: from[1],
        x2: from[0] + share * (to[0] - from[0]),
        y2: from[1] + share * (to[1] - from[1]),
        stroke: colourOf(task),
        'stroke-width': 4,
        'stroke-linecap': 'round'
      })
    })
  }

  point() {
    const [x, y] = screen(this.state.at)
    const made = svg('circle', { cx: x, cy: y, r: 11, fill: 'currentColor', tabindex: 0, class: 'pull-point' })
    made.setAttribute('role', 'button')
    made.setAttribute('aria-label', this.data.words.point)
    made.addEventListener('pointerdown', event =>
      followPointer(
        event,
        moved => this.moveTo(this.under(moved)),
        () => this.tell({ moved: true })
      )
    )
    made.addEventListener('keydown', event => {
      const by = keyMove(event)
      if (!by) return
      this.moveTo([x + 12 * by[0], y - 12 * by[1]])
      this.tell({ moved: true })
      const again = /** @type {SVGElement | null} */ (this.plane.querySelector('.pull-point'))
      again?.focus()
    })
    return made
  }

  /** @param {Point} to on the screen */
  moveTo([x, y]) {
    if (this.frame) this.stop()
    const at = /** @type {Point} */ ([(x - WIDTH / 2) / SCALE, (HEIGHT / 2 - y) / SCALE])
    this.state = begin(
      /** @type {Point} */ (at.map((value, axis) => Math.max(-1.1 + axis * 0.6, Math.min(1.1 - axis * 0.6, value))))
    )
    this.draw()
  }

  /** @param {PointerEvent} event @returns {Point} in the drawing's own pixels */
  under(event) {
    const box = this.plane.getBoundingClientRect()
    return [((event.clientX - box.left) * WIDTH) / box.width, ((event.clientY - box.top) * HEIGHT) / box.height]
  }

  /** @param {import('../shared/types.d.ts').Theme} theme the multiplier over the steps, and where it comes to rest */
  curve(theme) {
    const { limit, words } = this.data
    if (limit === null) return []
    const rest = multiplierAtRest(limit)
    const top = Math.max(1.2, 1.25 * rest, ...this.multipliers)
    const longest = Math.max(200, this.multipliers.length)
    const up = (/** @type {number} */ value) => CHART - 18 - ((CHART - 30) * value) / top
    const points = this.multipliers.map((value, at) => `${(WIDTH * at) / longest},${up(value)}`).join(' ')
    return [
      svg('line', { x1: 0, x2: WIDTH, y1: up(0), y2: up(0), stroke: theme.border }),
      svg('polyline', { points, fill: 'none', stroke: colourOf(0), 'stroke-width': 2.5 }),
      svg('text', { x: 4, y: 1, class: 'pull-over', fill: theme.muted }, `λ, ${words.over}`)
    ]
  }
}

export default mounted(
  '.pull',
  root => new Pull(root),
  (held, component) => {
    held.show(/** @type {Data} */ (component.data), component.setStateValue)
  }
)
