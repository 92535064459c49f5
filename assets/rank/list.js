// Tasks in the order of their priority, each with the loss that it may give up; below them those that are left out.
// Move a row by dragging it, with Alt+↑ and Alt+↓, or with its buttons; every move is said aloud.

import { mounted } from '../shared/component.js'
import { followPointer, html } from '../shared/dom.js'
import { movedBy, readTolerance, writtenTolerance } from './ranking.js'

/** @import { Component } from '../shared/types.d.ts' */

/**
 * `mark` and `says`: the unit of its tolerance, short and long.
 * @typedef {{ title: string, color: string, mark: string, says: string }} Task
 *
 * @typedef {object} Data what the page says
 * @property {string} label
 * @property {Record<string, Task>} tasks by name, in the data set's order
 * @property {string[]} order
 * @property {Record<string, number>} tolerances
 * @property {number} scale of what is shown against what is sent
 * @property {number} step of the field
 * @property {boolean} tolerated tolerances are shown
 *
 * @typedef {(name: string, value: unknown) => void} Emit
 */

const LAST = {
  className: 'rank-last',
  textContent: 'last',
  title: 'No later task can harm it, so it needs no tolerance.'
}

class RankList {
  /** @type {Data | undefined} */
  data
  /** @type {string | undefined} */
  key

  /** @param {HTMLElement} root */
  constructor(root) {
    this.list = /** @type {HTMLElement} */ (root.querySelector('ol'))
    this.aloud = /** @type {HTMLElement} */ (root.querySelector('.rank-aloud'))
    this.problem = /** @type {HTMLElement} */ (root.querySelector('.rank-problem'))
    /** @type {Record<string, Task>} */
    this.tasks = {}
    /** @type {string[]} */
    this.order = []
    /** @type {Record<string, number>} */
    this.tolerances = {}
    this.emit = () => {}
  }

  /** @param {Data} data @param {Emit} emit */
  show(data, emit) {
    this.emit = () => emit('ranking', { order: [...this.order], tolerances: { ...this.tolerances } })
    const { order, tolerances, ...frame } = data
    const key = JSON.stringify(frame)
    if (key === this.key) return
    if (!this.data) {
      // Only the first ranking is taken: later ones are echoes of what was sent, and may be older than what is shown.
      this.order = [...order]
      this.tolerances = { ...tolerances }
    }
    this.key = key
    this.data = data
    this.tasks = data.tasks
    this.list.setAttribute('aria-label', data.label)
    this.draw()
  }

  draw() {
    const out = Object.keys(this.tasks).filter(name => !this.order.includes(name))
    const rows = this.order.map((name, position) => this.row(name, position))
    this.list.replaceChildren(...rows, ...out.map(name => this.rowOut(name)))
  }

  /** @param {string} name */
  rowOut(name) {
    const { title } = this.tasks[name]
    const add = () => this.settle(name, [...this.order, name], 'is trained too, as priority')
    const button = pressable('+', `Train ${title} too`, add, false)
    return html('li', { className: 'rank-out' }, ...this.names('–', name), button)
  }

  /** @param {string | number} number @param {string} name a row's number, colour and title */
  names(number, name) {
    const { title, color } = this.tasks[name]
    const mark = html('span', { className: 'rank-mark' })
    mark.style.background = color
    const titled = html('span', { className: 'rank-title', textContent: title, title })
    return [html('span', { className: 'rank-number', textContent: number }), mark, titled]
  }

  /** @param {string} name @param {number} position */
  row(name, position) {
    const { title } = this.tasks[name]
    const count = this.order.length
    const label = `${title}, priority ${position + 1} of ${count}. Alt and an arrow key move it.`
    const row = html(
      'li',
      { tabIndex: 0, aria: { label }, data: { name } },
      ...this.names(position + 1, name),
      ...this.field(name, position),
      pressable('↑', `Move ${title} up`, () => this.move(name, -1), position === 0),
      pressable('↓', `Move ${title} down`, () => this.move(name, 1), position === count - 1),
      pressable('×', `Leave ${title} out`, () => this.leaveOut(name), count === 1)
    )
    row.onkeydown = event => {
      if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return
      event.preventDefault()
      this.move(name, event.key === 'ArrowUp' ? -1 : 1)
    }
    row.onpointerdown = event => {
      if (!(/** @type {Element} */ (event.target).closest('button, input'))) this.drag(event, row)
    }
    return row
  }

  /** @param {string} name @param {number} position the tolerance; the last task protects nothing, so it has none */
  field(name, position) {
    const { tasks, data } = this
    if (!data?.tolerated) return []
    if (position === this.order.length - 1) return [html('span', LAST)]
    const { title, says, mark } = tasks[name]
    const input = html('input', {
      type: 'number',
      min: 0,
      step: data.step,
      className: 'rank-tolerance',
      value: writtenTolerance(this.tolerances[name], data.scale),
      aria: { label: `${title} may lose, ${says}` }
    })
    input.onchange = () => {
      const tolerance = readTolerance(input.valueAsNumber, data.scale)
      input.setAttribute('aria-invalid', String(tolerance === null))
      this.problem.textContent = tolerance === null ? `${title}: a tolerance is a number, 0 or more.` : ''
      if (tolerance === null) return
      this.tolerances[name] = tolerance
      this.emit()
    }
    return [input, html('span', { className: 'rank-unit', textContent: mark })]
  }

  /** @param {string} name @param {number} by */
  move(name, by) {
    const order = movedBy(this.order, name, by)
    if (order) this.settle(name, order)
  }

  /** @param {string} name */
  leaveOut(name) {
    this.order = this.order.filter(other => other !== name)
    this.draw()
    this.focus(0)
    this.aloud.textContent = `${this.tasks[name].title} is left out`
    this.emit()
  }

  /** @param {string} name @param {string[]} order @param {string} [what] */
  settle(name, order, what = 'is now priority') {
    this.order = order
    const position = order.indexOf(name)
    this.draw()
    this.focus(position)
    this.aloud.textContent = `${this.tasks[name].title} ${what} ${position + 1} of ${order.length}`
    this.emit()
  }

  /** @param {number} position */
  focus(position) {
    ;/** @type {HTMLElement | undefined} */ (this.list.children[position])?.focus()
  }

  /** @param {PointerEvent} event @param {HTMLElement} row */
  drag(event, row) {
    row.focus()
    row.classList.add('rank-dragged')
    const rows = () => /** @type {HTMLElement[]} */ ([...this.list.children])
    /** @param {PointerEvent} moved */
    const follow = moved => {
      const others = rows().filter(other => other !== row && !other.classList.contains('rank-out'))
      const after = others.find(other => {
        const { top, height } = other.getBoundingClientRect()
        return moved.clientY < top + height / 2
      })
      this.list.insertBefore(row, after ?? this.list.querySelector('.rank-out'))
    }
    followPointer(event, follow, () => {
      row.classList.remove('rank-dragged')
      const order = rows().flatMap(({ dataset }) => dataset.name ?? [])
      if (order.join() !== this.order.join()) this.settle(row.dataset.name ?? '', order)
    })
  }

  close() {} // it holds nothing beside its element
}

/** @param {string} textContent @param {string} label @param {() => void} onclick @param {boolean} disabled */
const pressable = (textContent, label, onclick, disabled) =>
  html('button', { type: 'button', textContent, onclick, disabled, aria: { label } })

export default mounted(
  '.rank-list',
  root => new RankList(root),
  (list, /** @type {Component<Data>} */ { data, setStateValue }) => list.show(data, setStateValue)
)
