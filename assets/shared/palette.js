// Colour is the task, everywhere alike. The colours themselves come from the server: see core/charts/palette.py.

/** @import { Palette, Theme } from './types.d.ts' */

/** @type {Palette} filled when a component is loaded, before anything is drawn */
export const palette = {
  tasks: [],
  grey: '',
  conflict: '',
  agreement: '',
  satisfied: '',
  cosine: { light: [], dark: [] }
}

/** @param {Palette} given */
export function usePalette(given) {
  Object.assign(palette, given)
  // style sheets name it: where a bound is kept, and the cone in which every loss falls
  if (typeof document !== 'undefined') document.documentElement.style.setProperty('--satisfied', given.satisfied)
}

const METHOD_DASHES = ['none', '9 4', '2 4', '9 4 2 4', '14 5', '14 5 2 5', '5 3', '2 2']

/** Dashes of lines in plotly's words: what is not a task is told apart by them. */
export const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash', 'longdashdot']

/** @param {number} place of a method among the methods; its dash in SVG's words */
export const dashOf = place => METHOD_DASHES[place % METHOD_DASHES.length]

/** @param {number} place of a task in its data set */
export const colourOf = place => palette.tasks[place % palette.tasks.length]

/**
 * A colour with a share of it only.
 * @param {string} hex like #0072B2
 * @param {number} alpha 0 is invisible
 */
export function faded(hex, alpha) {
  const parts = [1, 3, 5].map(from => parseInt(hex.slice(from, from + 2), 16))
  return `rgba(${parts.join(', ')}, ${alpha})`
}

/**
 * The colours and the font of the page where a picture stands.
 * @param {Element} root
 * @returns {Theme}
 */
export function themeOf(root) {
  const style = getComputedStyle(root)
  return {
    text: style.color,
    dark: isLight(style.color),
    font: style.fontFamily,
    muted: faded(palette.grey, 0.95),
    border: faded(palette.grey, 0.3),
    background: style.getPropertyValue('--st-background-color').trim() || 'white'
  }
}

/** @param {string} colour like rgb(230, 232, 235): light text stands on a dark page */
export function isLight(colour) {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return red + green + blue > 384
}
