// The live events of one run, from the last byte offset that was read.

import { Socket } from '../shared/socket.js'
import { newStore, receive } from './store.js'

/** @import { News } from './types.d.ts' */

const WAITS = { firstWait: 500, longestWait: 8000 } // milliseconds
const UNKNOWN_RUN = 4404

export class Feed {
  /**
   * @param {string} path
   * @param {(news: News) => void} onChange
   * @param {Partial<import('../shared/socket.js').Options>} [options]
   */
  constructor(path, onChange, options = {}) {
    this.path = path
    this.onChange = onChange
    this.store = newStore()
    this.connected = false
    this.gone = false
    this.messages = 0
    /** @type {import('./types.d.ts').Message[] | null} what came while the picture is held, oldest first */
    this.held = null
    this.socket = new Socket(
      () => `${path}?offset=${this.held?.at(-1)?.offset ?? this.store.offset}`,
      {
        onOpen: () => void (this.connected = true),
        onMessage: message => (this.held ? this.held.push(message) : this.take(message)),
        onDrop: code => {
          this.connected = false
          this.gone = code === UNKNOWN_RUN
        },
        isFinal: code => code === UNKNOWN_RUN
      },
      { ...WAITS, ...options }
    )
  }

  /** @param {import('./types.d.ts').Message} message */
  take(message) {
    const read = receive(this.store, message)
    this.messages++
    if (!read.again) return this.onChange(read)
    this.store.offset = 0
    this.socket.restart()
  }

  /** Keeps the picture as it is: what comes waits. */
  hold() {
    this.held ??= []
  }

  /** Shows the oldest of what waits: one step of the picture. */
  showNext() {
    const next = this.held?.shift()
    if (next) this.take(next)
  }

  /** Shows all that waits, and goes on. */
  release() {
    const waiting = this.held ?? []
    this.held = null
    for (const message of waiting) this.take(message)
  }

  close() {
    this.socket.close()
  }
}
