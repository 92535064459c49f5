// Asks the calculator over one WebSocket: one request on the way, and of each kind only the newest in hand, so that a
// drag never builds up a queue. The line comes back by itself when it drops; what was asked is then asked again.

const FIRST_PAUSE = 400, LONGEST_PAUSE = 6000  // milliseconds between two tries

function openCalculator(path, onState) {
  const waiting = new Map()  // slot → the newest request
  let socket = null, flying = null, number = 0, pause = FIRST_PAUSE, timer = null, closed = false

  function connect() {
    const address = new URL(path, location.origin)
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    socket = new WebSocket(address)
    socket.onopen = () => { pause = FIRST_PAUSE; onState('open'); next() }
    socket.onmessage = message => {
      const said = JSON.parse(message.data)
      if (!flying || said.id !== flying.id) return
      const request = flying
      flying = null
      next()  // the calculator works on while this is drawn
      request.receive(said)
    }
    socket.onclose = () => {
      if (closed) return
      if (flying && !waiting.has(flying.slot)) waiting.set(flying.slot, flying)
      flying = null
      onState('lost')
      timer = setTimeout(connect, pause)
      pause = Math.min(LONGEST_PAUSE, 2 * pause)
    }
  }

  function next() {
    if (flying || !waiting.size || socket.readyState !== WebSocket.OPEN) return
    const [slot, request] = waiting.entries().next().value
    waiting.delete(slot)
    flying = { ...request, slot, id: ++number }
    socket.send(JSON.stringify({ id: flying.id, name: flying.name, arguments: flying.arguments }))
  }

  connect()
  return {
    ask(slot, name, arguments_, receive) {
      waiting.set(slot, { name, arguments: arguments_, receive })
      next()
    },
    get busy() { return !!flying },
    close() {
      closed = true
      clearTimeout(timer)
      socket.onclose = socket.onmessage = null
      socket.close()
    },
  }
}
