// The landscape's list of methods: which are shown, which is chosen.

import { html, keepingFocus } from '../shared/dom.js'
import { dashOf } from '../shared/palette.js'
import { dashMark } from './drawing.js'

/** @import { Method } from './types.d.ts' */
/** @import { Hand } from './bench_table.js' */

/**
 * @typedef {object} View
 * @property {Method[]} methods
 * @property {string} focus the chosen one
 * @property {Set<string>} hidden
 * @property {(string | undefined)[]} problems of each method
 */

export class MethodList {
  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand
    this.key = ''
    this.box = html('div', { className: 'land-list' })
  }

  /** @param {View} view drawn only where it says something new, as on the bench */
  draw(view) {
    const key = JSON.stringify([view.problems, [...view.hidden], view.focus])
    if (key === this.key) return
    this.key = key
    keepingFocus(
      this.box,
      active => `[data-kind="${active.parentElement?.dataset.kind}"] ${active.tagName.toLowerCase()}`,
      () => this.box.replaceChildren(...view.methods.map((_, place) => this.item(view, place)))
    )
  }

  /** @param {View} view @param {number} place of the method */
  item({ methods, focus, hidden, problems }, place) {
    const { kind, title } = methods[place]
    const box = html('input', {
      type: 'checkbox',
      checked: !hidden.has(kind),
      aria: { label: 'Show ' + title },
      onchange: () => this.hand.onToggle(kind)
    })
    const name = html('button', {
      type: 'button',
      textContent: title,
      title: problems[place] ?? '',
      aria: { pressed: kind === focus },
      onclick: () => this.hand.onChoose(kind)
    })
    const className = kind === focus ? 'land-chosen' : ''
    return html('span', { className, data: { kind } }, box, dashMark(dashOf(place), 22, 6), name)
  }
}
