// The panels of a run's conflict: which there are, what each explains, and its frame on the page.

import { html, svg } from '../shared/dom.js'

/**
 * `parts`: what is drawn into. `listening`: those of them that hear clicks.
 * @typedef {{ name: string, title: string, help: string }} Description
 * @typedef {{ box: HTMLElement, plot: HTMLElement, note: HTMLElement }} Frame
 * @typedef {Description & Frame & { parts: Element[], listening: WeakSet<Element> }} Panel
 */

/** @type {Description[]} */
const PANELS = [
  {
    name: 'compass',
    title: 'Compass',
    help:
      "Each task's gradient as an arrow, in the plane that keeps most of their lengths. Arrows that point the same " +
      'way agree; past a right angle they conflict. Dashed: where the method goes, at a scale of its own. The ' +
      'optimiser steps the opposite way.'
  },
  {
    name: 'matrix',
    title: 'Cosine of every pair, now',
    help:
      'Exact: gradients over everything the tasks share, multiplied across probe batches so that their common noise ' +
      'drops out. ± is the standard error (jackknife over the batches). Click a cell to follow that pair alone.'
  },
  {
    name: 'angles',
    title: 'Angles over time',
    help:
      'Markers are exact probes with their standard error, over all shared parameters. The dotted line is the cheap ' +
      'one: the last shared layer alone, one batch, every record. It is quick and biased; trust the markers.'
  },
  {
    name: 'similarity',
    title: 'Magnitude similarity over time',
    help: '2|a||b| / (|a|² + |b|²): 1 when two gradients are equally long, near 0 when one drowns the other.'
  },
  {
    name: 'layers',
    title: 'Conflict by layer',
    help:
      "For all pairs: the share of pairs whose gradients conflict within each shared layer (Recon's score), at each " +
      'probe. For one pair: its cosine there. Layers that stay orange are where the tasks pull apart: candidates for ' +
      'a layer of their own. Single probes are noisy.'
  },
  {
    name: 'transference',
    title: 'Transference: who helps whom',
    help:
      'Above: the real look-ahead, the share of the second loss that a plain step on the first task takes away ' +
      '(blue helps, orange harms), same batch, heads fixed. Below: its first-order estimate from the products of ' +
      'gradients, which is cheap. Both have the same colours.'
  },
  {
    name: 'correction',
    title: 'Size of the correction',
    help:
      'CoGrad adds a correction to each gradient. Its length relative to the plain sum says whether the method acts ' +
      'at all: the rule is not scale-free, so with a small γ it may be numerically nothing.'
  }
]

/** @returns {Panel[]} */
export const buildPanels = () =>
  PANELS.map(panel => {
    const summary = html('summary', { textContent: '?', aria: { label: 'About: ' + panel.title } })
    const help = html('details', { className: 'panel-help' }, summary, html('p', { textContent: panel.help }))
    const note = html('span', { className: 'conflict-note' })
    const parts = partsOf(panel.name)
    const plot = html('div', { className: 'conflict-plot', aria: { role: 'img' } }, ...parts)
    const head = html('header', {}, html('h4', { textContent: panel.title }), note, help)
    const box = html('section', { className: 'conflict-panel conflict-' + panel.name }, head, plot)
    return { ...panel, box, plot, note, parts, listening: new WeakSet() }
  })

/** @param {string} name of the panel @returns {Element[]} */
function partsOf(name) {
  if (name === 'compass') return [svg('svg', { width: '100%', height: '100%' })]
  return name === 'transference' ? [html('div'), html('div')] : [html('div')]
}
