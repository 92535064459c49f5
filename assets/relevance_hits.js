// The list of hits: rank, title, the bar of words, and the two buttons that open a product or set it beside the open one.

class RelevanceHits {
  constructor(root) { this.root = root }

  show(data, act) {
    const list = make('ol', { className: 'relevance-list' })
    for (const hit of data.hits) list.append(this.row(hit, data, act))
    this.root.replaceChildren(data.hits.length ? list : make('p', { className: 'relevance-none', textContent: data.nothing }))
    if (data.left.length) this.root.append(make('p', { className: 'relevance-left', textContent: `Left the first ${data.most} by your changes: ${data.left.join('; ')}` }))
  }

  row(hit, data, act) {
    const open = data.card?.key === hit.key, beside = data.compare?.key === hit.key
    const row = make('li', { className: 'relevance-hit' })
    row.classList.toggle('relevance-open', open)
    row.classList.toggle('relevance-beside', beside)
    row.dataset.key = hit.key
    const opener = make('button', { type: 'button', className: 'relevance-opener', onclick: () => act({ kind: 'open', key: hit.key }) },
      titled('span', 'relevance-title', hit.title))
    opener.setAttribute('aria-pressed', String(open))
    const side = make('button', {
      type: 'button', className: 'relevance-side', textContent: beside ? 'Beside' : 'Compare', disabled: open,
      title: 'Why is the open product above or below this one?', onclick: () => act({ kind: 'compare', key: beside ? null : hit.key }),
    })
    row.append(
      make('div', { className: 'relevance-place' }, make('span', { className: 'relevance-rank', textContent: hit.rank }), moveMark(hit.moved)),
      make('div', { className: 'relevance-what' }, opener, make('div', { className: 'relevance-about', textContent: hit.about }),
        scoreBar(hit.parts, hit.length, part => act({ kind: 'open', key: hit.key, term: part.term }))),
      make('div', { className: 'relevance-figure' }, make('output', { textContent: hit.score }), side),
    )
    return row
  }
}
