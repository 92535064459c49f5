// The bench's list of methods: which are shown, which is chosen, and what each does to every loss.

import { dot, html, keepingFocus } from '../shared/dom.js'
import { colourOf, dashOf } from '../shared/palette.js'
import { dashMark } from './drawing.js'
import { effectOf } from './geometry.js'

/** @import { BenchView } from './types.d.ts' */

const ABOUT = 'What it guarantees, costs, and when it fails'

/** @typedef {{ onToggle: (kind: string) => void, onChoose: (kind: string) => void }} Hand shows or hides, or chooses */

export class BenchTable {
  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand
    this.key = ''
    this.box = html('div', { className: 'bench-list' })
  }

  /**
   * Drawn only where it says something new: a press on a button that is replaced before its release would be lost.
   * @param {BenchView} view
   */
  draw(view) {
    const key = JSON.stringify([view.answer, view.arrows, [...view.hidden], view.focus])
    if (key === this.key) return
    this.key = key
    const head = html('tr', {}, html('th', { textContent: 'Method', scope: 'col' }), ...taskHeads(view.arrows.length))
    const rows = view.methods.map((_, place) => methodRow(view, place, this.hand))
    keepingFocus(
      this.box,
      active => `[data-kind="${active.closest('tr')?.dataset.kind}"] ${active.tagName.toLowerCase()}`,
      () => this.box.replaceChildren(html('table', {}, html('thead', {}, head), html('tbody', {}, ...rows)))
    )
  }
}

/** @param {number} tasks */
const taskHeads = tasks =>
  Array.from({ length: tasks }, (_, task) => {
    const title = `Cosine between the update and the gradient of task ${task + 1}`
    return html('th', { scope: 'col', title }, dot(colourOf(task), 'bench-dot'), 'loss ' + (task + 1))
  })

/**
 * @param {BenchView} view
 * @param {number} place of the method
 * @param {Hand} hand
 */
function methodRow({ methods, arrows, hidden, focus, answer }, place, { onToggle, onChoose }) {
  const { kind, title } = methods[place]
  const result = answer?.methods[kind]
  const box = html('input', {
    type: 'checkbox',
    checked: !hidden.has(kind),
    onchange: () => onToggle(kind),
    aria: { label: 'Show ' + title }
  })
  const name = html('button', {
    type: 'button',
    textContent: title,
    title: result?.problem ?? ABOUT,
    onclick: () => onChoose(kind),
    aria: { pressed: kind === focus }
  })
  const first = html('td', {}, html('div', {}, box, dashMark(dashOf(place), 26, 8), name))
  const effects = arrows.map((gradient, task) => {
    if (!result) return html('td')
    if (!result.update) return html('td', { textContent: '–', title: result.problem })
    const { text, title: tip, harms } = effectOf(result.update, result.products[task], gradient)
    return html('td', { textContent: text, title: tip, className: harms ? 'bench-harm' : '' })
  })
  return html('tr', { className: kind === focus ? 'bench-chosen' : '', data: { kind } }, first, ...effects)
}
