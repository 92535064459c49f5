// The panels of the live charts: which there are, what each needs, and its frame on the page.

import { html } from '../shared/dom.js'
import { anglePanel } from './angles.js'
import { metricPanel, orderPanel } from './metrics.js'
import { lossPanel, multiplierPanel, slackPanel } from './panels.js'
import { sayAngles, sayLosses, sayMetrics, sayMultipliers, sayOrder, saySlack } from './sentences.js'

/** @import { PlotElement } from '../shared/types.d.ts' */
/** @import { Draw } from './types.d.ts' */
/** @import { Say } from './sentences.js' */

/**
 * @typedef {object} Description
 * @property {string} name
 * @property {string} title
 * @property {Draw} draw
 * @property {Say} say one sentence, true of what it shows now
 * @property {string[]} needs quantities and events after which it must be drawn again
 * @property {string} help
 *
 * @typedef {Description & { box: HTMLElement, plot: PlotElement, dirty: boolean, listening: boolean }} Panel
 */

/** @type {Description[]} */
const PANELS = [
  {
    name: 'multipliers',
    title: 'Multipliers: the price of each bound',
    draw: multiplierPanel,
    say: sayMultipliers,
    needs: ['multiplier', 'evaluated'],
    help:
      'A multiplier says how hard the run pushes a protected task back within its bound. It grows while the task is ' +
      'worse than its bound and falls while there is room. The tint says which task the stage improves.'
  },
  {
    name: 'losses',
    title: 'Training loss of each task',
    draw: lossPanel,
    say: sayLosses,
    needs: ['loss', 'evaluated'],
    help:
      'Faint: as measured on the batches. Strong: smoothed. All as a share of what the best constant guess loses, so ' +
      'that rare and frequent tasks compare. Dashed: the bound. Circles: the loss on validation rows, which the ' +
      'training never sees.'
  },
  {
    name: 'slack',
    title: 'Above or below each bound',
    draw: slackPanel,
    say: saySlack,
    needs: ['violation', 'violation_train'],
    help:
      'How far a protected loss is above (+) or below (−) its bound, in per cent of the loss it had when it was the ' +
      'one being improved, or in points of the metric where tolerances are. Solid: on validation rows. Dotted: on ' +
      'training batches. Green: the promise is kept. While stages branch, the bound of a step is what the model that ' +
      'set it had at that step.'
  },
  {
    name: 'angles',
    title: 'Angle between task gradients',
    draw: anglePanel,
    say: sayAngles,
    needs: ['probed'],
    help:
      "Below 90° two tasks ask for similar changes, above 90° (orange) they conflict. A marker wears both tasks' " +
      'colours, its bar is the standard error; faint markers are pairs that the stage does not improve, or ' +
      'measurements too noisy to say much. Diamonds: what lowers the objective, weight decay included, against what ' +
      'holds the bounds, in the metric of the optimiser (Adam divides each gradient by its usual size). These two ' +
      'oppose each other, 180°, where a stage under an active bound comes to rest.'
  },
  {
    name: 'metrics',
    title: 'Quality on validation rows',
    draw: metricPanel,
    say: sayMetrics,
    needs: ['evaluated'],
    help:
      'AUC: how often a positive row is ranked above a negative one. Squares: RMSE of a task that predicts a number, ' +
      'on its own scale; lower is better. Dashed: what the task reaches when trained alone. Diamond: the model that ' +
      'a stage kept.'
  },
  {
    name: 'order',
    title: 'Order of the first ten hits, on unseen queries',
    draw: orderPanel,
    say: sayOrder,
    needs: ['evaluated'],
    help:
      'NDCG@10 on queries of the validation rows, which the training never sees: 1 is the best possible order of the ' +
      'first ten. Read from time to time.'
  }
]

/**
 * @param {(unscaled: boolean) => void} onScale hears whether losses are wanted as they are
 * @returns {Panel[]}
 */
export function buildPanels(onScale) {
  return PANELS.map(panel => {
    const summary = html('summary', { textContent: '?', aria: { label: 'About: ' + panel.title } })
    const help = html('details', { className: 'panel-help' }, summary, html('p', { textContent: panel.help }))
    const head = html('header', {}, html('h4', { textContent: panel.title }))
    if (panel.name === 'losses') head.append(scaleSwitch(onScale))
    head.append(help)
    const plot = html('div', { className: 'live-plot', aria: { role: 'img', label: panel.title } })
    const box = html('section', { className: 'live-panel live-' + panel.name }, head, plot)
    return {
      ...panel,
      box,
      plot: /** @type {PlotElement} */ (/** @type {unknown} */ (plot)),
      dirty: true,
      listening: false
    }
  })
}

/** @param {(unscaled: boolean) => void} onScale */
function scaleSwitch(onScale) {
  const button = html('button', {
    className: 'live-switch',
    type: 'button',
    textContent: 'raw values',
    aria: { pressed: 'false' }
  })
  button.onclick = () => {
    const pressed = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', String(pressed))
    onScale(pressed)
  }
  return button
}
