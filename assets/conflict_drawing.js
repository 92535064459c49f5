// Small words for drawing: elements, arrows, sectors, and names that make room for each other.

const TASK_COLOURS = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9']  // as everywhere: colour is the task
const METHOD_DASHES = ['none', '9 4', '2 4', '9 4 2 4', '14 5', '14 5 2 5', '5 3', '2 2']
const ROW_OF_NAMES = 13  // pixels
const SPACE = 'http://www.w3.org/2000/svg'

function html(tag, properties = {}, ...children) {
  const { data, aria, ...rest } = properties
  const made = Object.assign(document.createElement(tag), rest)
  for (const [name, value] of Object.entries(aria ?? {})) made.setAttribute(name === 'role' ? name : 'aria-' + name, value)
  Object.assign(made.dataset, data ?? {})
  made.append(...children)
  return made
}

function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SPACE, tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value)
  made.append(...children)
  return made
}

// An arrow from one point of the screen to another; the head shrinks with a short arrow.
function arrow(from, to, { color, width = 2, dash = 'none', opacity = 1, className = '' }) {
  const x = to[0] - from[0], y = to[1] - from[1], length = Math.hypot(x, y)
  if (length < 0.5) return svg('circle', { cx: from[0], cy: from[1], r: width + 1, fill: color, opacity, class: className })
  const head = Math.min(5 + 2.2 * width, length * 0.6), half = head * 0.42
  const u = x / length, v = y / length
  const neck = [to[0] - u * head, to[1] - v * head]
  const corners = [to, [neck[0] - v * half, neck[1] + u * half], [neck[0] + v * half, neck[1] - u * half]]
  return svg('g', { opacity, class: className },
    svg('line', { x1: from[0], y1: from[1], x2: neck[0], y2: neck[1], stroke: color, 'stroke-width': width, 'stroke-dasharray': dash }),
    svg('polygon', { points: corners.map(corner => corner.join()).join(' '), fill: color }))
}

// A slice of a circle around `centre` from one angle to the other, anticlockwise, as mathematics has it.
function sector(centre, radius, from, to) {
  const at = angle => [centre[0] + radius * Math.cos(angle), centre[1] - radius * Math.sin(angle)]
  if (to - from >= 2 * Math.PI - 1e-9) return `M ${at(0)} A ${radius} ${radius} 0 1 0 ${at(Math.PI)} A ${radius} ${radius} 0 1 0 ${at(0)} Z`
  return `M ${centre} L ${at(from)} A ${radius} ${radius} 0 ${to - from > Math.PI ? 1 : 0} 0 ${at(to)} Z`
}

// Moves labels apart along y, within [0, height]; each has `y` (its middle) and `tall`.
function makeRoom(labels, height) {
  const sorted = [...labels].sort((one, other) => one.y - other.y)
  let floor = 0
  for (const label of sorted) {
    label.y = Math.max(label.y, floor + label.tall / 2)
    floor = label.y + label.tall / 2 + 2
  }
  let ceiling = height
  for (const label of sorted.toReversed()) {
    label.y = Math.min(label.y, ceiling - label.tall / 2)
    ceiling = label.y - label.tall / 2 - 2
  }
  return sorted
}

// Names in rows of at most so many letters.
function inRows(names, letters, join = ' = ') {
  const rows = []
  for (const [place, name] of names.entries()) {
    const text = place + 1 < names.length ? name + join.trimEnd() : name
    if (rows.length && (rows.at(-1) + ' ' + text).length <= letters) rows[rows.length - 1] += ' ' + text
    else rows.push(text)
  }
  return rows
}

// What has the focus, also where the component has a tree of its own.
const activeIn = root => root.getRootNode().activeElement

const round = (value, digits = 2) => Number(value.toFixed(digits))
const dashOf = place => METHOD_DASHES[place % METHOD_DASHES.length]

// Follows a drag until the pointer is let go; listens on the window, because the dragged node may be drawn anew.
function followPointer(event, onMove, onEnd) {
  event.preventDefault()
  const move = moved => { if (moved.pointerId === event.pointerId) onMove(moved) }
  const end = ended => {
    if (ended.pointerId !== event.pointerId) return
    for (const [name, listener] of listeners) window.removeEventListener(name, listener)
    onEnd(ended)
  }
  const listeners = [['pointermove', move], ['pointerup', end], ['pointercancel', end]]
  for (const [name, listener] of listeners) window.addEventListener(name, listener)
}

const KEY_MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }
