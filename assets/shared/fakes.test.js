// A socket and a clock that tests drive by hand.

export class FakeClock {
  constructor() {
    this.timers = []
  }

  set(call, wait) {
    const timer = { call, wait }
    this.timers.push(timer)
    return timer
  }

  clear(timer) {
    this.timers = this.timers.filter(other => other !== timer)
  }

  /** Lets the only timer ring; says how long it waited. */
  ring() {
    const [{ call, wait }] = this.timers.splice(0)
    call()
    return wait
  }
}

export class FakeSocket {
  constructor(path) {
    this.path = path
    this.readyState = 0
    this.sent = []
  }

  open() {
    this.readyState = 1
    this.onopen()
  }

  send(text) {
    this.sent.push(JSON.parse(text))
  }

  say(message) {
    this.onmessage({ data: JSON.stringify(message) })
  }

  close() {
    this.drop(1000)
  }

  drop(code = 1006) {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code })
  }
}

/** Options for anything that opens a socket, and what was opened with them. */
export function fakeNetwork() {
  const sockets = []
  const clock = new FakeClock()
  const open = path => {
    sockets.push(new FakeSocket(path))
    return sockets.at(-1)
  }
  return { clock, sockets, options: { clock, open }, last: () => sockets.at(-1) }
}
