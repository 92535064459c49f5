// The one way in which Streamlit's call becomes an object: made once for an element, closed when the element is gone.

/** @typedef {{ close(): void }} Closing */

/**
 * The default export of a component's module.
 * @template Data
 * @template {Closing} Held
 * @param {string} selector of the element that the page's HTML holds for it
 * @param {(root: HTMLElement) => Held} make
 * @param {(held: Held, component: import('./types.d.ts').Component<Data>) => void} show
 * @returns {(component: import('./types.d.ts').Component<Data>) => () => void}
 */
export function mounted(selector, make, show) {
  /** @type {WeakMap<HTMLElement, Held>} */
  const objects = new WeakMap()
  return component => {
    const root = /** @type {HTMLElement} */ (component.parentElement.querySelector(selector))
    const held = objects.get(root) ?? make(root)
    objects.set(root, held)
    show(held, component)
    // A rerun of the page may call this again for the same element: only an element that is gone ends it.
    const closeIfGone = () => {
      if (root.isConnected || !objects.delete(root)) return
      held.close()
    }
    return () => void setTimeout(closeIfGone, 0)
  }
}
