// Tasks in the order of their priority, each with the loss that it may give up; below them those that are left out.
// Move a row by dragging it, with Alt+↑ and Alt+↓, or with its buttons; every move is said aloud to those who listen.

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties)

function button(text, label, onclick, disabled) {
  const made = make('button', { type: 'button', textContent: text, onclick, disabled })
  made.setAttribute('aria-label', label)
  return made
}

class RankList {
  constructor(parent) {
    this.list = parent.querySelector('ol')
    this.aloud = parent.querySelector('.rank-aloud')
    this.problem = parent.querySelector('.rank-problem')
  }

  show(data, emit) {
    this.emit = () => emit('ranking', { order: [...this.order], tolerances: { ...this.tolerances } })
    const { order, tolerances, ...frame } = data
    const key = JSON.stringify(frame)
    if (key === this.key) return
    this.key = key
    this.data = data
    // Only the first ranking is taken: later ones are echoes of what was sent, and may be older than what is shown.
    this.order ??= [...order]
    this.tolerances ??= { ...tolerances }
    this.list.setAttribute('aria-label', data.label)
    this.draw()
  }

  draw() {
    const out = Object.keys(this.data.tasks).filter(name => !this.order.includes(name))
    this.list.replaceChildren(...this.order.map((name, position) => this.row(name, position)), ...out.map(name => this.rowOut(name)))
  }

  rowOut(name) {
    const task = this.data.tasks[name]
    const row = make('li', { className: 'rank-out' })
    row.append(make('span', { className: 'rank-number', textContent: '–' }), this.mark(task), this.title(task),
      button('+', `Train ${task.title} too`, () => this.settle(name, [...this.order, name], 'is trained too, as priority')))
    return row
  }

  mark(task) {
    const mark = make('span', { className: 'rank-mark' })
    mark.style.background = task.color
    return mark
  }

  title(task) {
    return make('span', { className: 'rank-title', textContent: task.title, title: task.title })
  }

  row(name, position) {
    const task = this.data.tasks[name]
    const row = make('li', { tabIndex: 0 })
    row.dataset.name = name
    row.setAttribute('aria-label', `${task.title}, priority ${position + 1} of ${this.order.length}. Alt and an arrow key move it.`)
    row.append(
      make('span', { className: 'rank-number', textContent: position + 1 }), this.mark(task), this.title(task), ...this.field(name, task, position),
      button('↑', `Move ${task.title} up`, () => this.move(name, -1), position === 0),
      button('↓', `Move ${task.title} down`, () => this.move(name, 1), position === this.order.length - 1),
      button('×', `Leave ${task.title} out`, () => this.leaveOut(name), this.order.length === 1),
    )
    row.onkeydown = event => {
      if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return
      event.preventDefault()
      this.move(name, event.key === 'ArrowUp' ? -1 : 1)
    }
    row.onpointerdown = event => { if (!event.target.closest('button, input')) this.drag(event, row) }
    return row
  }

  // The tolerance, in the unit of the run. The last task protects nothing, so it has none.
  field(name, task, position) {
    if (!this.data.tolerated) return []
    if (position === this.order.length - 1) {
      return [make('span', { className: 'rank-last', textContent: 'last', title: 'No later task can harm it, so it needs no tolerance.' })]
    }
    const scale = this.data.scale
    const input = make('input', { type: 'number', min: 0, step: this.data.step, className: 'rank-tolerance' })
    input.value = Number((this.tolerances[name] * scale).toPrecision(6))
    input.setAttribute('aria-label', `${task.title} may lose, ${task.says}`)
    input.onchange = () => {
      const value = input.valueAsNumber
      const good = Number.isFinite(value) && value >= 0
      input.setAttribute('aria-invalid', String(!good))
      this.problem.textContent = good ? '' : `${task.title}: a tolerance is a number, 0 or more.`
      if (!good) return
      this.tolerances[name] = value / scale
      this.emit()
    }
    return [input, make('span', { className: 'rank-unit', textContent: task.mark })]
  }

  move(name, by) {
    const from = this.order.indexOf(name), to = from + by
    if (to < 0 || to >= this.order.length) return
    const order = this.order.filter(other => other !== name)
    order.splice(to, 0, name)
    this.settle(name, order)
  }

  leaveOut(name) {
    this.order = this.order.filter(other => other !== name)
    this.draw()
    this.list.firstChild.focus()
    this.aloud.textContent = `${this.data.tasks[name].title} is left out`
    this.emit()
  }

  settle(name, order, says = 'is now priority') {
    this.order = order
    const position = order.indexOf(name)
    this.draw()
    this.list.children[position].focus()
    this.aloud.textContent = `${this.data.tasks[name].title} ${says} ${position + 1} of ${order.length}`
    this.emit()
  }

  // Listens on the window: a row that moves in the list loses its pointer capture.
  drag(event, row) {
    event.preventDefault()
    row.focus()
    row.classList.add('rank-dragged')
    const follow = moved => {
      const others = [...this.list.children].filter(other => other !== row && !other.classList.contains('rank-out'))
      const after = others.find(other => {
        const place = other.getBoundingClientRect()
        return moved.clientY < place.top + place.height / 2
      })
      this.list.insertBefore(row, after ?? this.list.querySelector('.rank-out'))
    }
    const drop = () => {
      window.removeEventListener('pointermove', follow)
      window.removeEventListener('pointerup', drop)
      window.removeEventListener('pointercancel', drop)
      row.classList.remove('rank-dragged')
      const order = [...this.list.children].map(child => child.dataset.name).filter(Boolean)
      if (order.join() !== this.order.join()) this.settle(row.dataset.name, order)
    }
    window.addEventListener('pointermove', follow)
    window.addEventListener('pointerup', drop)
    window.addEventListener('pointercancel', drop)
  }
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector('.rank-list')
  root.__ranking ??= new RankList(root)
  root.__ranking.show(data, setStateValue)
}
