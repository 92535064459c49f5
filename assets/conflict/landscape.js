// Two tasks over a plane: their losses as contours, and every method's trajectory from the same start, walked before
// your eyes. Beside it the same trajectories in the plane of the two losses.

import { mounted } from '../shared/component.js'
import { followPointer, html, keyMove } from '../shared/dom.js'
import { rounded } from '../shared/format.js'
import { withPlotly } from '../shared/plotly.js'
import { LandView } from './land_view.js'
import { MethodList } from './method_list.js'
import { Player } from './player.js'
import { describeTrajectory } from './trajectories.js'
import { Walks } from './walks.js'

/** @import { Component, Point } from '../shared/types.d.ts' */
/** @import { Method } from './types.d.ts' */
/** @import { View } from './land_view.js' */

/**
 * @typedef {object} Data what the page says
 * @property {string} address of the calculator
 * @property {string} plotly_address
 * @property {string} landscape
 * @property {Point | null} start
 * @property {Method[]} methods
 * @property {string[]} hidden methods
 * @property {string} focus the chosen method
 * @property {number} version grows with each new address of the page
 *
 * @typedef {(name: string, value: unknown) => void} Emit
 */

const STEPS = 240 // of a trajectory
const START_STEP = 0.02 // of the picture's width, for a key
const WIDE_START_STEP = 0.1
const SETTLE = 350 // milliseconds

class Land {
  /** @type {Data | undefined} */
  data
  /** @type {number | undefined} */
  version
  /** @type {Walks | undefined} */
  walks
  /** @type {Promise<void> | undefined} */
  loading

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {Set<string>} */
    this.hidden = new Set()
    this.player = new Player(STEPS, {
      onStep: () => this.stepped(),
      onStop: () => this.view.drawSolid(),
      isAlive: () => root.isConnected
    })
    this.view = new LandView(root, () => this.seen(), {
      onDrag: event => this.drag(event),
      onKey: event => this.key(event)
    })
    this.list = new MethodList({ onToggle: kind => this.toggle(kind), onChoose: kind => this.choose(kind) })
    this.status = html('p', { className: 'land-says' })
    this.aloud = html('p', { className: 'bench-aloud', aria: { live: 'polite' } })
    this.starts = html('span', { className: 'land-starts' })
    const bar = html('div', { className: 'land-bar' }, ...this.player.parts, this.view.turn, this.starts)
    root.replaceChildren(bar, this.view.box, this.list.box, this.status, this.aloud)
    this.resize = new ResizeObserver(() => this.view.drawGround())
    this.resize.observe(root)
    window.__land = this
  }

  /** @param {Data} data @param {Emit} emit */
  show(data, emit) {
    this.emit = emit
    this.data = data
    const walks = (this.walks ??= new Walks(data.address, STEPS, {
      onSurface: () => this.opened(),
      onTrajectory: () => this.stepped(),
      onState: () => this.describe()
    }))
    const isOther = this.version !== data.version
    this.version = data.version
    if (isOther) this.hidden = new Set(data.hidden)
    this.loading ??= withPlotly(data.plotly_address, this.root, () => {
      this.view.isReady = true
      this.view.drawGround()
    })
    if (walks.landscape !== data.landscape) walks.open(data.landscape, isOther ? data.start : null)
    else if (isOther) {
      walks.restart(data.start)
      this.walkAgain()
    }
    this.draw()
  }

  /** The landscape is there. */
  opened() {
    const buttons = (this.walks?.surface?.starts ?? []).map((start, place) => {
      const onclick = () => {
        this.walks?.put(start)
        this.released()
      }
      return html('button', { type: 'button', textContent: 'Start ' + (place + 1), onclick })
    })
    this.starts.replaceChildren(...buttons)
    this.view.drawGround()
    this.walkAgain()
  }

  /** Another step is shown, or another trajectory is there. */
  stepped() {
    this.draw()
    if (!this.player.ticking) this.view.drawSolid()
  }

  /** All trajectories from the present start, the chosen method's first. */
  walkAgain() {
    this.walks?.again(this.shown().map(({ kind }) => kind))
    this.player.begin()
    this.draw()
  }

  // ------------------------------------------------------------------ drawing

  /** Methods that are not hidden, the chosen one first. */
  shown() {
    const { methods = [], focus = '' } = this.data ?? {}
    const shown = methods.filter(({ kind }) => !this.hidden.has(kind))
    return shown.toSorted((one, other) => Number(other.kind === focus) - Number(one.kind === focus))
  }

  /** @returns {View | null} */
  seen() {
    const { data, walks } = this
    if (!walks?.surface || !walks.start || !data) return null
    const { surface, start, landscape, trajectories } = walks
    const drawn = this.shown().flatMap(method => {
      const trajectory = trajectories[method.kind]
      return trajectory?.x ? [{ ...method, trajectory, chosen: method.kind === data.focus }] : []
    })
    const nmt = this.hidden.has('nmt') ? undefined : trajectories.nmt
    return { surface, start, landscape, drawn, nmt, step: this.player.step, methods: data.methods }
  }

  draw() {
    if (!this.data) return
    const { methods, focus } = this.data
    const problems = methods.map(({ kind }) => this.walks?.trajectories[kind]?.problem)
    this.list.draw({ methods, focus, hidden: this.hidden, problems })
    this.view.drawTrajectories()
    this.player.describe()
    this.describe()
  }

  describe() {
    const { data, walks } = this
    const chosen = data?.methods.find(({ kind }) => kind === data.focus)
    if (chosen && walks) this.status.textContent = describeWalks(walks, chosen, this.shown(), this.player.step)
  }

  // ------------------------------------------------------------------ the start

  /** @param {PointerEvent} event */
  drag(event) {
    /** @param {PointerEvent} moved */
    const put = moved => {
      const start = this.view.plane.numbersAt(moved)
      if (start) this.put(start)
    }
    this.player.stop()
    put(event)
    followPointer(event, put, () => this.released())
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const move = keyMove(event)
    const { surface, start } = this.walks ?? {}
    if (!move || !surface || !start) return
    const width = surface.x[surface.x.length - 1] - surface.x[0]
    const step = (event.shiftKey ? WIDE_START_STEP : START_STEP) * width
    this.put([start[0] + step * move[0], start[1] + step * move[1]])
    clearTimeout(this.keyed)
    this.keyed = setTimeout(() => this.released(), SETTLE)
  }

  /** @param {Point} start while it is moved, the chosen method alone follows */
  put(start) {
    if (!this.walks || !this.data) return
    const { focus } = this.data
    this.walks.put(start)
    this.player.step = STEPS
    this.walks.again(this.hidden.has(focus) ? [] : [focus])
    this.draw()
  }

  released() {
    const { start } = this.walks ?? {}
    if (!start) return
    this.aloud.textContent = `Start at ${rounded(start[0])}, ${rounded(start[1])}`
    this.walkAgain()
    this.settle()
  }

  settle() {
    const { landscape, start } = this.walks ?? {}
    this.emit?.('land', { landscape, start: start?.map(value => rounded(value, 3)), hidden: [...this.hidden] })
  }

  /** @param {string} kind of a method to show or to hide */
  toggle(kind) {
    if (!this.hidden.delete(kind)) this.hidden.add(kind)
    else if (this.walks?.surface && !this.walks.trajectories[kind]) this.walks.walk(kind)
    this.draw()
    this.settle()
  }

  /** @param {string} kind */
  choose(kind) {
    if (!this.data) return
    this.data.focus = kind
    if (this.hidden.has(kind)) this.toggle(kind)
    this.draw()
    this.emit?.('focus', kind)
  }

  close() {
    this.player.stop()
    clearTimeout(this.keyed)
    this.resize.disconnect()
    this.walks?.close()
    this.view.close()
  }
}

/** @param {Walks} walks @param {Method} chosen @param {Method[]} shown @param {number} step */
function describeWalks({ problem, isLost, surface, trajectories }, chosen, shown, step) {
  if (problem) return problem
  if (isLost) return 'Connection lost, trying again.'
  if (!surface) return 'The calculator is starting; the first answer takes a few seconds.'
  const missing = shown.filter(({ kind }) => !trajectories[kind]).length
  return describeTrajectory(chosen, trajectories[chosen.kind], step, surface, missing)
}

export default mounted(
  '.land',
  root => new Land(root),
  (land, /** @type {Component<Data>} */ { data, setStateValue, setTriggerValue }) =>
    land.show({ ...data }, (name, value) => (name === 'focus' ? setTriggerValue : setStateValue)(name, value))
)
