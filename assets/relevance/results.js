// The Relevance page: hits at the left, the open product at the right. What a person does is sent as one action; the
// figures come back from the server, where the index is.

import { mounted } from '../shared/component.js'
import { ProductCard } from './card.js'
import { showHits } from './hits.js'

/** @import { Component } from '../shared/types.d.ts' */
/** @import { Act, Data } from './types.d.ts' */

class Results {
  /** @type {string | undefined} */
  key

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.hits = /** @type {HTMLElement} */ (root.querySelector('.relevance-hits'))
    this.card = new ProductCard(/** @type {HTMLElement} */ (root.querySelector('.relevance-card')))
    this.count = 0
    // The word under the pointer is shown everywhere.
    root.addEventListener('pointerover', event => {
      const word = /** @type {Element} */ (event.target).closest('[data-term]')
      this.light(word?.getAttribute('data-term') ?? null)
    })
    root.addEventListener('pointerleave', () => this.light(null))
  }

  /** @param {Data} data @param {(name: string, value: unknown) => void} emit */
  show(data, emit) {
    this.root.classList.remove('relevance-waiting')
    const key = JSON.stringify(data)
    if (key === this.key) return
    this.key = key
    /** @type {Act} */
    const act = action => {
      this.root.classList.add('relevance-waiting')
      emit('action', { ...action, number: ++this.count })
    }
    showHits(this.hits, data, act)
    this.card.show(data, act)
  }

  /** @param {string | null} term */
  light(term) {
    for (const part of this.root.querySelectorAll('[data-term]')) {
      part.classList.toggle('relevance-lit', term !== null && part.getAttribute('data-term') === term)
    }
    this.root.classList.toggle('relevance-lights', term !== null)
  }

  close() {} // it holds nothing beside its element
}

export default mounted(
  '.relevance',
  root => new Results(root),
  (results, /** @type {Component<Data>} */ { data, setTriggerValue }) => results.show({ ...data }, setTriggerValue)
)
