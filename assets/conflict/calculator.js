// Asks the calculator over one WebSocket: one request on the way, and of each kind only the newest in hand, so that a
// drag never builds up a queue. What was asked when the line dropped is asked again.

import { Socket } from '../shared/socket.js'

/**
 * @typedef {{ id: number, result?: any, problem?: string }} Answer
 * @typedef {{ name: string, arguments: object, receive: (answer: Answer) => void }} Request
 */

const WAITS = { firstWait: 400, longestWait: 6000 } // milliseconds

export class Calculator {
  /**
   * @param {string} path
   * @param {(isLost: boolean) => void} onState
   * @param {Partial<import('../shared/socket.js').Options>} [options]
   */
  constructor(path, onState, options = {}) {
    /** @type {Map<string, Request>} the newest request of each kind */
    this.waiting = new Map()
    /** @type {(Request & { slot: string, id: number }) | null} */
    this.flying = null
    this.number = 0
    const onOpen = () => {
      onState(false)
      this.next()
    }
    const onDrop = () => {
      if (this.flying && !this.waiting.has(this.flying.slot)) this.waiting.set(this.flying.slot, this.flying)
      this.flying = null
      onState(true)
    }
    const listener = { onOpen, onDrop, onMessage: (/** @type {Answer} */ answer) => this.take(answer) }
    this.socket = new Socket(() => path, listener, { ...WAITS, ...options })
  }

  /**
   * @param {string} slot of its requests only the newest is kept
   * @param {string} name of the calculation
   * @param {object} given
   * @param {(answer: Answer) => void} receive
   */
  ask(slot, name, given, receive) {
    this.waiting.set(slot, { name, arguments: given, receive })
    this.next()
  }

  next() {
    const [first] = this.waiting
    if (this.flying || !first || !this.socket?.isOpen) return
    const [slot, request] = first
    this.waiting.delete(slot)
    this.flying = { ...request, slot, id: ++this.number }
    this.socket.send({ id: this.flying.id, name: request.name, arguments: request.arguments })
  }

  /** @param {Answer} answer */
  take(answer) {
    const request = this.flying
    if (!request || answer.id !== request.id) return
    this.flying = null
    this.next() // the calculator works on while this is drawn
    request.receive(answer)
  }

  close() {
    this.socket.close()
  }
}
