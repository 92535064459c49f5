// One WebSocket per run, from the last byte offset that was read; it comes back by itself when the line drops.

const FIRST_WAIT = 500, LONGEST_WAIT = 8000  // milliseconds between two tries
const UNKNOWN_RUN = 4404

function openFeed(path, onChange) {
  const store = newStore()
  let socket = null, timer = null, wait = FIRST_WAIT, closed = false
  const feed = { store, path, connected: false, messages: 0, gone: false, close }

  function connect() {
    const address = new URL(path, location.origin)
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    address.searchParams.set('offset', store.offset)
    socket = new WebSocket(address)
    socket.onopen = () => { feed.connected = true; wait = FIRST_WAIT }
    socket.onmessage = message => {
      const read = receive(store, JSON.parse(message.data))
      feed.messages++
      if (read.again) {
        store.offset = 0
        socket.close()
      } else onChange(read)
    }
    socket.onclose = event => {
      feed.connected = false
      feed.gone = event.code === UNKNOWN_RUN
      if (closed || feed.gone) return
      timer = setTimeout(connect, wait)
      wait = Math.min(LONGEST_WAIT, wait * 2)
    }
  }

  function close() {
    closed = true
    clearTimeout(timer)
    if (socket) socket.onclose = socket.onmessage = null
    socket?.close()
  }

  connect()
  return feed
}
