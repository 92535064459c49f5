// The Relevance page: hits at the left, the open product at the right. What a person does is sent as one action; the
// figures come back from the server, where the index is.

class Relevance {
  constructor(root) {
    this.root = root
    this.hits = new RelevanceHits(root.querySelector('.relevance-hits'))
    this.card = new RelevanceCard(root.querySelector('.relevance-card'))
    this.count = 0
    // The word under the pointer is shown everywhere.
    root.addEventListener('pointerover', event => this.light(event.target.closest('[data-term]')?.dataset.term))
    root.addEventListener('pointerleave', () => this.light())
  }

  show(data, emit) {
    const key = JSON.stringify(data)
    if (key === this.key) return
    this.key = key
    const act = action => {
      this.root.classList.add('relevance-waiting')
      emit('action', { ...action, number: ++this.count })
    }
    this.root.classList.remove('relevance-waiting')
    this.hits.show(data, act)
    this.card.show(data, act)
  }

  light(term) {
    for (const part of this.root.querySelectorAll('[data-term]')) part.classList.toggle('relevance-lit', term !== undefined && part.dataset.term === term)
    this.root.classList.toggle('relevance-lights', term !== undefined)
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector('.relevance')
  root.__relevance ??= new Relevance(root)
  root.__relevance.show({ ...data }, setTriggerValue)
  root.classList.remove('relevance-waiting')
}
