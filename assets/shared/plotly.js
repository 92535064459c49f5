// plotly.js is four megabytes: asked for once a page, as early as can be, and shared by all that draw with it.

import { html } from './dom.js'

/** @import { Plotly, Theme } from './types.d.ts' */

/** @param {string} address @returns {Promise<any>} */
function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly)
  window.__plotly ??= new Promise((loaded, failed) => {
    const script = document.createElement('script')
    script.src = address
    script.onload = () => loaded(window.Plotly)
    script.onerror = () => failed(new Error('plotly.js could not be loaded from ' + address))
    document.head.append(script)
  })
  return window.__plotly
}

/**
 * Calls `onReady` once plotly.js is there; where it cannot be had, the element says why.
 * @param {string} address
 * @param {HTMLElement} root
 * @param {() => void} onReady
 * @returns {Promise<void>}
 */
export const withPlotly = (address, root, onReady) =>
  loadPlotly(address).then(onReady, error => {
    root.replaceChildren(html('p', { className: 'plotly-failure', textContent: error.message }))
  })

export const CLEAR = 'rgba(0,0,0,0)'

/**
 * What every layout has in common: the page's ground, font and colours.
 * @param {Theme} theme
 * @returns {Plotly}
 */
export const plainLayout = theme => ({
  showlegend: false,
  paper_bgcolor: CLEAR,
  plot_bgcolor: CLEAR,
  font: { family: theme.font, size: 11, color: theme.text },
  hoverlabel: {
    bgcolor: theme.background,
    bordercolor: theme.border,
    font: { color: theme.text, size: 11, family: theme.font }
  }
})

/**
 * A figure without links. plotly.js makes one of `<a href>` in any text, and no figure of ours has one: what somebody
 * calls a column, a task or a user stays letters.
 * @param {any} value
 * @returns {any}
 */
export function withoutLinks(value) {
  if (typeof value === 'string') return value.replace(/<(?=\/?a\b)/gi, '&lt;')
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(withoutLinks)
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutLinks(one)]))
}

/**
 * Draws a figure, or brings it up to date: the one way in which texts reach plotly.js.
 * @param {HTMLElement} plot
 * @param {Plotly[]} traces
 * @param {Plotly} layout
 * @param {Plotly} config
 */
export const drawFigure = (plot, traces, layout, config) =>
  window.Plotly.react(plot, withoutLinks(traces), withoutLinks(layout), config)

/** @param {HTMLElement & { _fullLayout?: any }} plot frees what plotly holds of it */
export function purge(plot) {
  if (plot._fullLayout) window.Plotly.purge(plot)
}
