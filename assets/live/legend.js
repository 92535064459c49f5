// The row above the live charts: the tasks, each to be shown or hidden, the pinned baseline and the state of the line.

import { html } from '../shared/dom.js'

/** @import { Feed } from './feed.js' */
/** @import { TaskLabel } from './types.d.ts' */

/** @type {Record<string, string>} */
const WAITING = {
  queued: 'Waiting for a free place to train',
  starting: 'Starting',
  '': 'Connecting',
  running: 'Waiting for the first step'
}

/** @param {Pick<Feed, 'gone' | 'connected' | 'messages' | 'store'> | undefined} feed of the run that is shown */
export function describeFeed(feed) {
  if (!feed) return ''
  if (feed.gone) return 'This run is no longer kept'
  if (!feed.connected && feed.messages) return 'Connection lost, trying again'
  return feed.store.points ? '' : (WAITING[feed.store.status] ?? '')
}

export class Legend {
  /** @type {string | undefined} */
  key

  /**
   * @param {Set<string>} hidden names of tasks, kept up to date here
   * @param {() => void} onChange
   * @param {() => void} onProjector
   */
  constructor(hidden, onChange, onProjector) {
    this.hidden = hidden
    this.onChange = onChange
    const title = 'One chart on the whole screen, with keys for the next chart, pause and step'
    this.projector = html('button', { className: 'live-projector', type: 'button', title, onclick: onProjector })
    this.projector.textContent = 'Projector'
    this.box = html('div', { className: 'live-legend' })
    this.state = html('span', { className: 'live-state' })
  }

  /** @param {TaskLabel[]} tasks @param {string | null} baseline */
  show(tasks, baseline) {
    const key = JSON.stringify([tasks, baseline])
    if (key === this.key) return
    this.key = key
    const grey = baseline ? [html('span', { className: 'live-key', textContent: 'grey: ' + baseline })] : []
    this.box.replaceChildren(...tasks.map(task => this.button(task)), ...grey, this.state, this.projector)
  }

  /** @param {TaskLabel} task */
  button(task) {
    const mark = html('span', { className: 'live-mark' })
    mark.style.background = task.color
    const pressed = () => String(!this.hidden.has(task.name))
    const title = 'Show or hide in every chart'
    const button = html('button', { className: 'live-task', type: 'button', title }, mark, task.title)
    button.setAttribute('aria-pressed', pressed())
    button.onclick = () => {
      if (!this.hidden.delete(task.name)) this.hidden.add(task.name)
      button.setAttribute('aria-pressed', pressed())
      this.onChange()
    }
    return button
  }

  /** @param {Feed | undefined} feed */
  describe(feed) {
    const text = describeFeed(feed)
    if (this.state.textContent !== text) this.state.textContent = text
  }
}
