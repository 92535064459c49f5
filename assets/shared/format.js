// Numbers and names as a person reads them: one way for all components.

/**
 * A number with so many significant digits, `none` where there is none.
 * @param {number | null | undefined} value
 * @param {number} [digits]
 */
export const shown = (value, digits = 3) =>
  value === null || value === undefined ? 'none' : Number(value.toPrecision(digits)).toString()

/** @param {number} value @param {number} [places] after the point */
export const rounded = (value, places = 2) => Number(value.toFixed(places))

/** @param {number} value with a true minus sign @param {number} [places] after the point */
export const signed = (value, places = 2) => value.toFixed(places).replace('-', '−')

/** @param {number} value with its thousands apart */
export const grouped = value => value.toLocaleString('en')

/** @param {number} share as per cent @param {number} [digits] significant ones */
export const percent = (share, digits = 3) => shown(100 * share, digits) + ' %'

/** @param {number} cosine @returns {number} the angle in degrees */
export const degrees = cosine => (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI

/** @param {number} cosine the angle in whole degrees */
export const angle = cosine => Math.round(degrees(cosine)) + '°'

/** @param {string} name of a column, as words */
export const spoken = name => name.replaceAll('_', ' ')

/** @param {string} title as it stands within a sentence: an abbreviation keeps its capitals */
export const inSentence = title => (/^.[A-Z]/.test(title) ? title : title.slice(0, 1).toLowerCase() + title.slice(1))

/** @param {string} title @param {number} letters that there is room for */
export const shortened = (title, letters) =>
  title.length > letters ? title.slice(0, Math.max(0, letters - 1)).trimEnd() + '…' : title

/**
 * Names in rows of at most so many letters.
 * @param {string[]} names
 * @param {number} letters
 * @param {string} [join]
 */
export function inRows(names, letters, join = ' = ') {
  /** @type {string[]} */
  const rows = []
  for (const [place, name] of names.entries()) {
    const text = place + 1 < names.length ? name + join.trimEnd() : name
    const longer = rows.length ? rows[rows.length - 1] + ' ' + text : ''
    if (longer && longer.length <= letters) rows[rows.length - 1] = longer
    else rows.push(text)
  }
  return rows
}
