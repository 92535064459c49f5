// The conflict of one run: compass, matrix, angles, magnitudes, layers, transference; a scrubber along the probes moves
// all of them at once, without asking the server.

import { Feed } from '../live/feed.js'
import { valueAt } from '../live/series.js'
import { stageAt } from '../live/store.js'
import { mounted } from '../shared/component.js'
import { html } from '../shared/dom.js'
import { palette, themeOf } from '../shared/palette.js'
import { purge, withPlotly } from '../shared/plotly.js'
import { drawCompass, writeIn } from './compass.js'
import { PairMenu } from './pair_menu.js'
import { cosinesAtBound, describeActiveBound, describeWaiting, probesOf } from './probes.js'
import { buildPanels } from './run_panel_list.js'
import * as pictures from './run_panels.js'
import { drawPicture, markStep } from './run_plot.js'
import { nearestProbe, Scrubber } from './scrubber.js'

/** @import { Component, PlotElement, Theme } from '../shared/types.d.ts' */
/** @import { Store, TaskLabel } from '../live/types.d.ts' */
/** @import { Panel } from './run_panel_list.js' */
/** @import { RunPicture, Scene } from './run_panels.js' */

/**
 * @typedef {object} Data what the page says
 * @property {string} address of the run's events
 * @property {TaskLabel[]} tasks
 * @property {string} method_title
 * @property {boolean} constrained the method keeps bounds
 * @property {string} plotly_address
 */

const LEAST_WAIT = 200 // milliseconds between two drawings while the run goes on

class ConflictRun {
  /** @type {Data | undefined} */
  data
  /** @type {Feed | undefined} */
  feed
  /** @type {Promise<void> | undefined} */
  loading
  /** @type {number | undefined} */
  waiting
  /** @type {number | undefined} */
  frame

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.watch = { redraws: 0, scrubMilliseconds: /** @type {number | null} */ (null) }
    this.spent = 0
    this.scrubber = new Scrubber(() => this.moved())
    this.menu = new PairMenu(() => this.draw())
    this.success = html('p', { className: 'conflict-success' })
    this.panels = buildPanels()
    const bar = html('div', { className: 'conflict-bar' }, ...this.scrubber.parts, this.menu.box)
    const grid = html('div', { className: 'conflict-grid' }, ...this.panels.map(panel => panel.box))
    root.replaceChildren(bar, this.success, grid)
    this.resize = new ResizeObserver(() => this.spoil())
    this.resize.observe(root)
    window.__conflict = this
  }

  /** @param {Data} data */
  show(data) {
    if (this.feed?.path !== data.address) {
      this.feed?.close()
      this.scrubber.at = null
      this.feed = new Feed(data.address, () => this.spoil())
    }
    this.data = data
    this.success.hidden = !data.constrained // else its room is kept, so that the pictures stay where they are
    this.spoil()
    this.loading ??= withPlotly(data.plotly_address, this.root, () => {
      this.isReady = true
      this.spoil()
    })
  }

  get store() {
    return this.feed?.store
  }

  get probes() {
    return this.store ? probesOf(this.store) : []
  }

  /** Draws everything again, soon. */
  spoil() {
    const wait = this.isDrawn ? Math.max(LEAST_WAIT, 2 * this.spent) : 0
    this.waiting ??= setTimeout(() => {
      this.waiting = undefined
      this.draw()
    }, wait)
  }

  /** Another probe is looked at. */
  moved() {
    const begun = performance.now()
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      this.drawNow(themeOf(this.root))
      this.watch.scrubMilliseconds = performance.now() - begun
    })
  }

  /** @param {Store} store @returns {TaskLabel[]} in the run's order */
  tasks(store) {
    const { tasks = [] } = this.data ?? {}
    const unknown = { color: palette.grey }
    return store.tasks.map(name => tasks.find(task => task.name === name) ?? { ...unknown, name, title: name })
  }

  draw() {
    const { store, probes } = this
    if (!this.isReady || !store || !this.root.isConnected) return
    const begun = performance.now()
    const theme = themeOf(this.root)
    this.scrubber.show(probes)
    this.menu.show(store, probes)
    /** @type {Scene} */
    const scene = { store, probes, tasks: this.tasks(store), pair: this.menu.pair, theme }
    /** @type {Record<string, (() => RunPicture)[]>} */
    const overTime = {
      angles: [() => pictures.anglesPanel(scene)],
      similarity: [() => pictures.similarityPanel(scene)],
      layers: [() => pictures.layersPanel(scene)],
      transference: [false, true].map(isEstimate => () => pictures.transferencePanel(scene, isEstimate)),
      correction: [() => pictures.correctionPanel(scene)]
    }
    for (const panel of this.panels) {
      if (panel.name === 'correction') panel.box.hidden = !store.series.has('correction/update')
      if (panel.box.hidden) continue
      overTime[panel.name]?.forEach((picture, which) => this.plot(panel, which, picture(), theme))
    }
    this.drawNow(theme)
    this.watch.redraws++
    this.isDrawn = true
    this.spent = performance.now() - begun
  }

  /** @param {Theme} theme what belongs to the probe looked at, and the mark of its step in pictures over time */
  drawNow(theme) {
    const { store } = this
    if (!store) return
    const probe = this.scrubber.probe()
    this.scrubber.describe(this.waitingText().replaceAll('<br>', ' '))
    for (const panel of this.panels) {
      if (panel.name === 'compass') this.drawCompass(panel, store)
      else if (panel.name === 'matrix') {
        this.plot(panel, 0, probe ? pictures.matrixPanel(store, probe, theme) : { traces: [], empty: '' }, theme)
      } else {
        for (const part of panel.parts) markStep(/** @type {PlotElement} */ (part), probe?.step, theme)
      }
    }
    this.describeBound(store)
  }

  /** @param {Panel} panel @param {Store} store */
  drawCompass(panel, store) {
    const picture = /** @type {SVGSVGElement} */ (panel.parts[0])
    const probe = this.scrubber.probe()
    if (!probe) return writeIn(picture, this.waitingText())
    const { note, takeaway } = drawCompass(picture, store, probe, this.tasks(store), this.data?.method_title ?? '')
    panel.note.textContent = note
    panel.plot.setAttribute('aria-label', 'Compass: ' + takeaway)
  }

  /** @param {Panel} panel @param {number} which @param {RunPicture} picture @param {Theme} theme */
  plot(panel, which, picture, theme) {
    const { store, data } = this
    if (!store || !data) return
    const isOverTime = panel.name !== 'matrix'
    const part = /** @type {PlotElement} */ (panel.parts[which])
    const empty = which ? '' : picture.empty || this.waitingText()
    const step = isOverTime ? this.scrubber.probe()?.step : undefined
    if (!drawPicture(part, picture, { store, address: data.address, step, isOverTime, empty }, theme)) return
    if (picture.note !== undefined) panel.note.textContent = picture.note
    const takeaway = picture.takeaway ?? 'nothing in the log'
    if (which === 0) panel.plot.setAttribute('aria-label', `${panel.title}: ${takeaway}`)
    if (panel.listening.has(part)) return
    panel.listening.add(part)
    part.on('plotly_click', ({ points: [{ x, y }] }) => {
      if (!isOverTime && this.store) this.menu.toggle(this.store, x, y)
      else if (this.probes.length) this.scrubber.goTo(nearestProbe(this.probes, x))
    })
  }

  waitingText() {
    return this.store ? describeWaiting(this.store, this.feed?.gone ?? false) : ''
  }

  /** @param {Store} store at an active bound the gradients cancel: success, not trouble */
  describeBound(store) {
    const probe = this.scrubber.probe()
    const stage = probe && this.data?.constrained ? stageAt(store, probe.step) : null
    const held = !probe
      ? []
      : (stage?.constraints ?? []).filter(task => (valueAt(store, 'multiplier/' + task, probe.step) ?? 0) > 0)
    this.success.classList.toggle('conflict-unbound', !held.length)
    if (!probe || !stage || !held.length) return
    const cosines = cosinesAtBound(probe, stage, store.tasks, held)
    this.success.textContent = describeActiveBound(held, stage.objective, cosines, probe.resting)
  }

  close() {
    this.scrubber.stop()
    clearTimeout(this.waiting)
    this.resize.disconnect()
    this.feed?.close()
    for (const part of this.panels.flatMap(panel => panel.parts)) purge(/** @type {PlotElement} */ (part))
  }
}

export default mounted(
  '.conflict-run',
  root => new ConflictRun(root),
  (run, /** @type {Component<Data>} */ { data }) => run.show(data)
)
