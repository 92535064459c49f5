// A WebSocket that comes back by itself: after a drop it waits, twice as long after each failed try up to a limit.

/**
 * @typedef {object} Listener
 * @property {() => void} [onOpen]
 * @property {(message: any) => void} onMessage a message, read as JSON
 * @property {(code: number) => void} [onDrop] the line is lost, by the server or on the way
 * @property {(code: number) => boolean} [isFinal] close codes after which it does not try again
 *
 * @typedef {object} Options
 * @property {number} firstWait milliseconds before the first new try
 * @property {number} longestWait milliseconds between two tries at most
 * @property {(path: string) => any} [open] how a socket is made
 * @property {{ set(then: () => void, wait: number): any, clear(timer: any): void }} [clock]
 */

const OPEN = 1 // WebSocket.OPEN, which no test outside a browser has
const BROWSER_CLOCK = {
  /** @param {() => void} then @param {number} wait */
  set: (then, wait) => setTimeout(then, wait),
  /** @param {any} timer */
  clear: timer => clearTimeout(timer)
}

/** @param {string} path from the root, perhaps with a query */
export function openBrowserSocket(path) {
  const address = new URL(path, location.origin)
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(address)
}

export class Socket {
  /**
   * @param {() => string} path asked at each try, as it may say how much is known already
   * @param {Listener} listener
   * @param {Options} options
   */
  constructor(path, listener, options) {
    this.path = path
    this.listener = listener
    this.firstWait = options.firstWait
    this.longestWait = options.longestWait
    this.open = options.open ?? openBrowserSocket
    this.clock = options.clock ?? BROWSER_CLOCK
    this.wait = this.firstWait
    this.closed = false
    this.connect()
  }

  connect() {
    const socket = (this.socket = this.open(this.path()))
    socket.onopen = () => {
      this.wait = this.firstWait
      this.listener.onOpen?.()
    }
    socket.onmessage = (/** @type {{ data: string }} */ message) => this.listener.onMessage(JSON.parse(message.data))
    socket.onclose = (/** @type {{ code: number }} */ event) => this.dropped(event.code)
  }

  /** @param {number} code */
  dropped(code) {
    this.listener.onDrop?.(code)
    if (this.closed || this.listener.isFinal?.(code)) return
    this.timer = this.clock.set(() => this.connect(), this.wait)
    this.wait = Math.min(this.longestWait, 2 * this.wait)
  }

  get isOpen() {
    return this.socket.readyState === OPEN
  }

  /** @param {unknown} message */
  send(message) {
    this.socket.send(JSON.stringify(message))
  }

  /** Drops the line to begin anew with another path. */
  restart() {
    this.socket.close()
  }

  close() {
    this.closed = true
    this.clock.clear(this.timer)
    this.socket.onclose = this.socket.onmessage = null
    this.socket.close()
  }
}
