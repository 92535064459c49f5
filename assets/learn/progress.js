// How far a person is in each lesson, kept by the browser alone: the page says what is done, and is told what was.

import { mounted } from '../shared/component.js'

const KEY = 'precedence-lessons'

/** @typedef {Record<string, number>} Done lesson → steps done */

/** @returns {Done} what is kept; nothing where the browser keeps nothing */
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof found === 'object' && found ? found : {}
  } catch {
    return {}
  }
}

class Progress {
  told = ''

  /** @param {{ done: Done, clear: number }} data @param {(name: string, value: unknown) => void} emit */
  show({ done }, emit) {
    const all = kept()
    for (const [lesson, steps] of Object.entries(done)) all[lesson] = Math.max(all[lesson] ?? 0, steps)
    const text = JSON.stringify(all)
    try {
      localStorage.setItem(KEY, text)
    } catch {
      // a browser that keeps nothing: the page still knows what was done since it was opened
    }
    if (text === this.told) return
    this.told = text
    emit('done', all)
  }

  close() {}
}

export default mounted(
  '.progress-keeper',
  () => new Progress(),
  (held, component) => {
    held.show(/** @type {any} */ (component.data), component.setStateValue)
  }
)
