// Elements, and what a hand does with them. Texts come from data and people: they are set as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg'

/** Across and up, for each arrow key. @type {Record<string, [number, number]>} */
const KEY_MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

/**
 * An element of the page. `aria` and `data` in the properties become attributes of those families.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function html(tag, properties = {}, ...children) {
  const { data, aria, ...rest } = properties
  const made = Object.assign(document.createElement(tag), rest)
  for (const [name, value] of Object.entries(aria ?? {})) {
    made.setAttribute(name === 'role' ? name : 'aria-' + name, String(value))
  }
  Object.assign(made.dataset, data ?? {})
  made.append(...children)
  return made
}

/**
 * An element of a drawing; attributes that are undefined are left out.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, String(value))
  }
  made.append(...children)
  return made
}

/** @param {string} colour a dot in a task's or a group's colour @param {string} [className] */
export function dot(colour, className = '') {
  const made = html('i', { className })
  made.style.background = colour
  return made
}

/**
 * What has the focus, also where the component has a tree of its own.
 * @param {Node} root
 * @returns {HTMLElement | null}
 */
export function activeIn(root) {
  const tree = /** @type {Document | ShadowRoot} */ (root.getRootNode())
  return /** @type {HTMLElement | null} */ (tree.activeElement)
}

/**
 * Draws `part` anew with `draw` and gives the focus back to what then answers to `selectorOf(focused)`.
 * @param {HTMLElement} part
 * @param {(focused: HTMLElement) => string} selectorOf
 * @param {() => void} draw
 */
export function keepingFocus(part, selectorOf, draw) {
  const active = activeIn(part)
  const again = active && part.contains(active) ? selectorOf(active) : ''
  draw()
  if (!again) return
  const found = /** @type {HTMLElement | null} */ (part.querySelector(again))
  found?.focus({ preventScroll: true })
}

/**
 * Follows a drag until the pointer is let go; listens on the window, because the dragged node may be drawn anew.
 * @param {PointerEvent} event
 * @param {(moved: PointerEvent) => void} onMove
 * @param {(ended: PointerEvent) => void} onEnd
 */
export function followPointer(event, onMove, onEnd) {
  event.preventDefault()
  /** @param {PointerEvent} moved */
  const move = moved => {
    if (moved.pointerId === event.pointerId) onMove(moved)
  }
  /** @param {PointerEvent} ended */
  const end = ended => {
    if (ended.pointerId !== event.pointerId) return
    window.removeEventListener('pointermove', move)
    window.removeEventListener('pointerup', end)
    window.removeEventListener('pointercancel', end)
    onEnd(ended)
  }
  window.addEventListener('pointermove', move)
  window.addEventListener('pointerup', end)
  window.addEventListener('pointercancel', end)
}

/**
 * What an arrow key asks for, and that nobody else hears of it; null for any other key.
 * @param {KeyboardEvent} event
 * @returns {[number, number] | null}
 */
export function keyMove(event) {
  const move = KEY_MOVES[event.key]
  if (!move || event.altKey || event.ctrlKey || event.metaKey) return null
  event.preventDefault()
  return move
}

/** True where a person has asked for little motion. */
export const prefersCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
