// A term shows its entry of the glossary where it stands: under the pointer, at the keyboard's focus, on a tap.
// A term is a link to `learn?view=glossary&term=NAME`; opened in a tab of its own it leads to the list of words.

/** @typedef {Record<string, Record<string, [string, string]>>} Entries name → language → title, text */

const LINK = /[?&]view=glossary&term=([a-z_]+)(?:&lang=([a-z]+))?/
const BEFORE = 150 // milliseconds that a pointer rests before the entry comes
const AFTER = 250 // milliseconds in which a pointer may go over to the entry
const GAP = 6 // pixels
const EDGE = 8 // pixels that stay free at the window's edges
const ID = 'glossary-entry'

/** @type {Promise<Entries> | undefined} */
let entries
/** @type {HTMLElement | undefined} */
let box
/** @type {HTMLAnchorElement | undefined} the term whose entry is shown */
let shown
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/** @returns {Promise<Entries>} */
function load() {
  entries ??= fetch(new URL('../glossary.json', import.meta.url)).then(answer => answer.json())
  return entries
}

/** @param {Event} event @returns {HTMLAnchorElement | undefined} the term that it happened to */
function termOf(event) {
  const path = /** @type {any[]} */ (event.composedPath())
  return path.find(node => node instanceof HTMLAnchorElement && LINK.test(node.href))
}

/**
 * Where an entry stands: below its term, above it where there is no room, within the window.
 * @param {{ left: number, top: number, bottom: number }} term
 * @param {{ width: number, height: number }} entry
 * @param {{ width: number, height: number }} view
 */
export function placed(term, entry, view) {
  const below = term.bottom + GAP
  const fits = below + entry.height + EDGE <= view.height
  return {
    left: Math.max(EDGE, Math.min(term.left, view.width - entry.width - EDGE)),
    top: fits ? below : Math.max(EDGE, term.top - GAP - entry.height)
  }
}

function made() {
  const element = document.createElement('div')
  element.id = ID
  element.className = 'glossary-entry'
  element.setAttribute('role', 'tooltip')
  element.addEventListener('pointerenter', () => clearTimeout(timer))
  element.addEventListener('pointerleave', () => hideSoon())
  return element
}

/** @param {HTMLAnchorElement} term */
async function show(term) {
  clearTimeout(timer)
  const [, name, language = 'en'] = LINK.exec(term.href) ?? []
  const known = (await load())[name]
  if (!known || !term.isConnected) return
  hide()
  box ??= made()
  const [title, text] = known[language] ?? known.en
  const strong = document.createElement('strong')
  strong.textContent = title
  const words = document.createElement('p')
  words.textContent = text
  box.lang = language
  box.replaceChildren(strong, words)
  // within a dialog that has the whole screen nothing outside of it is seen
  ;(term.closest('dialog') ?? document.body).append(box)
  const { left, top } = placed(term.getBoundingClientRect(), box.getBoundingClientRect(), {
    width: document.documentElement.clientWidth,
    height: window.innerHeight
  })
  box.style.left = left + 'px'
  box.style.top = top + 'px'
  term.setAttribute('aria-describedby', ID)
  shown = term
}

function hide() {
  clearTimeout(timer)
  box?.remove()
  shown?.removeAttribute('aria-describedby')
  shown = undefined
}

function hideSoon() {
  clearTimeout(timer)
  timer = setTimeout(hide, AFTER)
}

/** @param {Document} page */
function listen(page) {
  page.addEventListener('pointerover', event => {
    const term = event.pointerType === 'mouse' ? termOf(event) : undefined
    if (!term) return
    clearTimeout(timer)
    if (term !== shown) timer = setTimeout(() => void show(term), BEFORE)
  })
  page.addEventListener('pointerout', event => {
    if (event.pointerType === 'mouse' && termOf(event)) hideSoon()
  })
  page.addEventListener('focusin', event => {
    const term = termOf(event)
    if (term?.matches(':focus-visible')) void show(term)
  })
  page.addEventListener('focusout', event => {
    if (termOf(event)) hideSoon()
  })
  // before the page hears of it: a click shows the entry and leads nowhere
  page.addEventListener(
    'click',
    event => {
      const term = termOf(event)
      if (!term) {
        if (!event.composedPath().includes(/** @type {any} */ (box))) hide()
      } else if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault()
        void show(term)
      }
    },
    true
  )
  page.addEventListener('keydown', event => {
    if (event.key === 'Escape') hide()
  })
  window.addEventListener('scroll', () => shown && hideSoon(), true)
}

if (typeof document !== 'undefined') listen(document)
