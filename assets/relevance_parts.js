// Small pieces of the Relevance page. Texts come from catalogues and people: they are only ever set as textContent.

const make = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

// A title in pieces, each shaded by how much the words there carry.
function titled(tag, className, pieces) {
  const title = make(tag, { className })
  for (const [text, intensity, colour] of pieces) {
    if (!intensity) { title.append(text); continue }
    const mark = make('mark', { textContent: text })
    mark.style.setProperty('--carries', `${Math.round(14 + 46 * intensity)}%`)
    mark.style.setProperty('--of', colour)
    title.append(mark)
  }
  return title
}

// The score as a bar: a piece a word, in the word's colour, as long as its part. `pressed` gets the word's number.
function scoreBar(parts, length, pressed) {
  const bar = make('div', { className: 'relevance-bar' })
  bar.style.width = `${Math.max(0, 100 * length)}%`
  for (const part of parts) {
    if (part.share <= 0) continue
    const piece = make('button', { type: 'button', className: 'relevance-piece', title: `${part.word}: ${part.share_text} of this score` })
    piece.style.flexGrow = part.share
    piece.style.background = part.colour
    piece.setAttribute('aria-label', piece.title)
    piece.dataset.term = part.term
    piece.onclick = event => { event.stopPropagation(); pressed(part) }
    if (part.share > 0.14) piece.append(make('span', { textContent: part.word }))
    bar.append(piece)
  }
  return bar
}

function moveMark(moved) {
  const words = moved === null ? 'new' : moved > 0 ? `▲ ${moved}` : moved < 0 ? `▼ ${-moved}` : ''
  const mark = make('span', { className: 'relevance-moved', textContent: words })
  if (words) mark.title = moved === null ? 'Not among the first hundred before your changes' : `${Math.abs(moved)} ${moved > 0 ? 'up' : 'down'} by your changes`
  if (moved !== null && moved < 0) mark.classList.add('relevance-down')
  return mark
}

const digits = value => (value === 0 ? '0' : value < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3))))
