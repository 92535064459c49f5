// The open product: why it has its score, word by word, and the fields in which a weight is changed.

const SCOPES = { query: 'in this query', term: 'in every query', product: 'in this product', category: 'in its whole category' }
const KINDS = {
  exact: ['in title', 'This word stands in the title.'],
  expansion: ['expansion', 'The title does not hold this word; the network holds that it means it too.'],
  'n-gram': ['phrase', 'These words stand together in the title.'],
  'hash bucket': ['rare word', 'The vocabulary does not know this word; words with the same hash count as one.'],
  character: ['character', 'This character stands within a longer word of the title.'],
  override: ['by hand', 'Only a change by hand put this word here.'],
  missing: ['missing', 'The query asks for this word and the product does not hold it.'],
}

class RelevanceCard {
  constructor(root) { this.root = root; this.scope = 'query' }

  show(data, act) {
    this.data = data
    this.act = act
    const card = data.card
    if (!card) { this.root.replaceChildren(); return }
    const parts = [
      make('header', {}, make('span', { className: 'relevance-rank', textContent: `Rank ${card.rank}` }), titled('h3', 'relevance-title', card.title),
        make('output', { textContent: card.score, title: 'The score: the sum of the words below' })),
      make('div', { className: 'relevance-about', textContent: card.about }),
      this.sentences(card.reasons),
      this.chooser(card),
      this.table(card),
      this.adder(),
      this.lifts(card),
    ]
    if (data.compare) parts.push(this.comparison(data.compare))
    this.root.replaceChildren(...parts)
    if (data.term !== null) this.point(data.term)
  }

  sentences(lines) {
    const [first, ...rest] = lines
    return make('div', { className: 'relevance-reasons' }, make('p', { className: 'relevance-first', textContent: first }),
      ...rest.map(line => make('p', { textContent: line })))
  }

  chooser(card) {
    const select = make('select', { onchange: () => { this.scope = select.value; this.show(this.data, this.act); this.root.querySelector('select').focus() } })
    for (const [value, words] of Object.entries(SCOPES)) {
      if (value === 'category' && !card.category) continue
      select.append(make('option', { value, textContent: words, selected: value === this.scope }))
    }
    const label = make('label', { className: 'relevance-chooser' }, 'Change or strike out a word ', select)
    return label
  }

  get inQuery() { return this.scope === 'query' || this.scope === 'term' }

  table(card) {
    const body = make('tbody')
    let before = 0
    const whole = Math.max(card.exact_score, 1e-12)
    for (const word of card.words) {
      body.append(this.row(word, before / whole, whole))
      before += word.amount
    }
    const head = make('tr', {}, ...[['Word', ''], ['asked', 'Weight of the word in the query'], ['', ''], ['held', 'Weight of the word in the product'], ['carries', 'asked × held: its part of the score'], ['', '']]
      .map(([textContent, title]) => make('th', { textContent, title, scope: 'col' })))
    const table = make('table', {}, make('thead', {}, head), body)
    table.setAttribute('aria-label', 'Words of the query: weight in the query times weight in the product is what each carries')
    return make('div', { className: 'relevance-table' }, table)
  }

  row(word, start, whole) {
    const [kind, says] = KINDS[word.kind] ?? [word.kind, '']
    const row = make('tr', { className: word.amount ? '' : 'relevance-missing' })
    row.dataset.term = word.term
    const dot = make('i', { className: 'relevance-dot' })
    dot.style.background = word.colour
    const name = make('button', { type: 'button', className: 'relevance-word', textContent: word.word, title: 'What this word is, and who else holds it', onclick: () => this.act({ kind: 'word', word: word.word }) })
    const source = word.kind === 'expansion' ? ` from “${word.source_known ? word.source : 'the whole title'}”` : ''
    const chip = make('span', { className: `relevance-kind relevance-kind-${word.kind.replace(' ', '-')}`, textContent: kind + source, title: says })
    const bar = make('div', { className: 'relevance-fall' })
    const piece = make('span')
    Object.assign(piece.style, { left: `${100 * start}%`, width: `${100 * word.amount / whole}%`, background: word.colour })
    bar.append(piece)
    const first = make('td', {}, make('div', { className: 'relevance-named' }, dot, name, chip))
    if (word.touched) first.firstChild.append(make('span', { className: 'relevance-touched', textContent: 'changed', title: 'A change by hand is in these figures' }))
    first.append(bar)
    const strike = make('button', { type: 'button', className: 'relevance-strike', textContent: '✕', title: `Strike out “${word.word}” ${SCOPES[this.scope]}`, onclick: () => this.act({ kind: 'forbid', scope: this.scope, word: word.word }) })
    strike.setAttribute('aria-label', strike.title)
    row.append(first, this.weight(word, word.query_weight, this.inQuery), make('td', { textContent: '×' }), this.weight(word, word.product_weight, !this.inQuery),
      make('td', { className: 'relevance-share', textContent: word.amount ? word.share_text : '–', title: word.amount ? digits(word.amount) : '' }), make('td', {}, strike))
    return row
  }

  weight(word, value, editable) {
    if (!editable) return make('td', { textContent: digits(value) })
    const input = make('input', { type: 'number', min: 0, step: 'any', value: digits(value) })
    input.setAttribute('aria-label', `Weight of ${word.word} ${SCOPES[this.scope]}`)
    input.onchange = () => {
      const wanted = input.valueAsNumber
      const good = Number.isFinite(wanted) && wanted >= 0
      input.setAttribute('aria-invalid', String(!good))
      if (good) this.act({ kind: 'set', scope: this.scope, word: word.word, value: wanted })
    }
    return make('td', {}, input)
  }

  adder() {
    const word = make('input', { type: 'text', placeholder: 'another word', maxLength: 200 })
    const value = make('input', { type: 'number', min: 0, step: 'any', value: this.inQuery ? 0.3 : 0.8 })
    word.setAttribute('aria-label', 'Word to add')
    value.setAttribute('aria-label', 'Its weight')
    const form = make('form', { className: 'relevance-adder' }, 'Add ', word, ' with weight ', value, ` ${SCOPES[this.scope]} `, make('button', { type: 'submit', textContent: 'Add' }))
    form.onsubmit = event => {
      event.preventDefault()
      if (word.value.trim() && Number.isFinite(value.valueAsNumber)) this.act({ kind: 'set', scope: this.scope, word: word.value, value: value.valueAsNumber })
    }
    return form
  }

  lifts(card) {
    const part = make('div', { className: 'relevance-lifts' }, make('h4', { textContent: 'What would make it first?' }), ...card.lifts.map(line => make('p', { textContent: line })))
    if (card.lift) part.append(make('button', { type: 'button', textContent: 'Try it', onclick: () => this.act({ kind: 'set', scope: 'product', word: card.lift.word, value: card.lift.value }) }))
    return part
  }

  comparison(compare) {
    const most = Math.max(...compare.words.map(word => Math.abs(word.amount)), 1e-12)
    const rows = compare.words.map(word => {
      const bar = make('div', { className: 'relevance-between' })
      const piece = make('span')
      const width = 50 * Math.abs(word.amount) / most
      Object.assign(piece.style, { width: `${width}%`, left: word.amount < 0 ? `${50 - width}%` : '50%', background: word.colour })
      bar.append(piece)
      return make('tr', {}, make('td', { textContent: word.word }), make('td', {}, bar), make('td', { textContent: word.text }))
    })
    const close = make('button', { type: 'button', className: 'relevance-strike', textContent: '✕', title: 'Close the comparison', onclick: () => this.act({ kind: 'compare', key: null }) })
    close.setAttribute('aria-label', close.title)
    return make('section', { className: 'relevance-compare' },
      make('header', {}, make('h4', { textContent: 'Why one above the other?' }), close),
      make('p', { textContent: `First: ${compare.titles[0]} (${compare.scores[0]})` }),
      make('p', { textContent: `Second: ${compare.titles[1]} (${compare.scores[1]})` }),
      make('p', { className: 'relevance-first', textContent: compare.sentence }),
      make('table', {}, make('caption', { textContent: '← for the second · for the first →' }), make('tbody', {}, ...rows)))
  }

  point(term) {
    const row = this.root.querySelector(`tr[data-term="${term}"]`)
    row?.classList.add('relevance-pointed')
    row?.scrollIntoView({ block: 'nearest' })
  }
}
