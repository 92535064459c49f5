// Live charts of one run, with a pinned baseline in grey behind them: the component that Streamlit mounts.
// plotly.js draws; each panel is drawn again only when something that it shows has come.

import { mounted } from '../shared/component.js'
import { html, prefersCalm } from '../shared/dom.js'
import { themeOf } from '../shared/palette.js'
import { purge, withPlotly } from '../shared/plotly.js'
import { Feed } from './feed.js'
import { fitted } from './layout.js'
import { Legend } from './legend.js'
import { drawnTasks, paintPanel } from './paint_panel.js'
import { buildPanels } from './panel_list.js'
import { Projector } from './projector.js'
import { isOver, Pulse } from './pulse.js'
import { shownEnd } from './series.js'
import { newStore } from './store.js'

/** @import { DrawnTask, LiveTheme, News, Options, Task } from './types.d.ts' */
/** @import { Panel } from './panel_list.js' */

/**
 * @typedef {object} Data what the page says
 * @property {string} address of the run's events
 * @property {string | null} baseline_address
 * @property {string | null} baseline_title
 * @property {Task[]} tasks in the data set's order
 * @property {string} unit of the tolerances
 * @property {boolean} constrained the method keeps bounds
 * @property {number} steps_until_bounds most steps before the first stage that keeps a bound
 * @property {string[]} panels
 * @property {boolean} steers the person may pause the run; else a pause is one of the picture
 * @property {string} plotly_address
 *
 * @typedef {(order: 'pause' | 'run' | 'step') => void} Order
 */

const LEAST_PAUSE = 250 // milliseconds between two drawings
const CALM_PAUSE = 1000 // the same where motion is unwelcome
const MOVED = 8 // pixels that the charts may slide down the page before they are fitted anew
const FIRST = 'losses' // the panel that has something to show from the first step on
const EVERY_PANEL = ['stage_started', 'stage_finished', 'changed', 'bound_moved', 'started']

class LiveCharts {
  /** @type {Data | undefined} */
  data
  /** @type {Promise<void> | undefined} */
  loading
  /** @type {string | undefined} */
  frame
  /** @type {Order} */
  order = () => {}
  pulse = new Pulse(() => this.wake())
  wake = () => {}

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {Set<string>} */
    this.hidden = new Set()
    /** @type {[number, number] | null} */
    this.zoom = null
    this.unscaled = false
    /** @type {{ run?: Feed, baseline?: Feed }} */
    this.feeds = {}
    this.watch = {
      redraws: 0,
      redrawMilliseconds: 0,
      firstPointMilliseconds: /** @type {number | null} */ (null),
      drawn: 0
    }
    this.top = 0
    this.projector = new Projector(this.host())
    this.legend = new Legend(
      this.hidden,
      () => this.spoil(),
      () => void this.projector.open()
    )
    this.panels = buildPanels(unscaled => this.setUnscaled(unscaled))
    this.grid = html('div', { className: 'live-grid' }, ...this.panels.map(panel => panel.box))
    root.replaceChildren(this.legend.box, this.grid, this.projector.box)
    this.projector.box.addEventListener('close', () => this.spoil())
    this.resize = new ResizeObserver(() => this.fit())
    this.resize.observe(root)
    this.onWindow = () => this.fit()
    window.addEventListener('resize', this.onWindow)
    window.__live = exposed(this)
    this.pause = prefersCalm() ? CALM_PAUSE : LEAST_PAUSE
  }

  /** What the projector needs of the charts. @returns {import('./projector.js').Host} */
  host() {
    const status = () => this.feeds.run?.store.status ?? ''
    const held = () => this.feeds.run?.held ?? null
    return {
      panels: () => this.panels.filter(panel => !panel.box.hidden),
      paint: panel => this.drawPanel(panel, this.theme()),
      say: panel => panel.say(this.feeds.run?.store ?? newStore(), ...this.spoken()),
      paused: () => (this.data?.steers ? status() === 'paused' : held() !== null),
      over: () => isOver(status()) && !held()?.length,
      pause: () => {
        if (this.data?.steers) return this.order(status() === 'paused' ? 'run' : 'pause')
        if (held()) this.feeds.run?.release()
        else this.feeds.run?.hold()
      },
      step: () => {
        if (this.data?.steers) return this.order('step')
        this.feeds.run?.hold()
        this.feeds.run?.showNext()
      }
    }
  }

  /**
   * @param {Data} data which run, which baseline, the tasks with their colours
   * @param {Order} order to the run
   * @param {() => void} wake tells the page that a run which was over goes on
   */
  show(data, order, wake) {
    this.data = data
    this.order = order
    this.wake = wake
    for (const panel of this.panels) panel.box.hidden = !data.panels.includes(panel.name)
    this.grid.classList.toggle('live-few', data.panels.length < 3)
    this.legend.show(data.tasks, data.baseline_title)
    this.fit()
    this.follow('run', data.address)
    this.follow('baseline', data.baseline_address)
    this.spoil()
    this.loading ??= withPlotly(data.plotly_address, this.root, () => this.tick())
  }

  /** @param {'run' | 'baseline'} role @param {string | null} address */
  follow(role, address) {
    if (this.feeds[role]?.path === (address ?? undefined)) return
    this.feeds[role]?.close()
    delete this.feeds[role]
    if (role === 'run') {
      this.zoom = null
      this.pulse.forget()
    }
    if (address) this.feeds[role] = new Feed(address, news => this.hear(role, news))
  }

  /** @param {'run' | 'baseline'} role @param {News} news */
  hear(role, news) {
    this.spoil(news)
    if (role === 'run') this.pulse.hear(this.feeds.run?.store.status ?? '')
  }

  /** @param {boolean} unscaled losses as they are */
  setUnscaled(unscaled) {
    this.unscaled = unscaled
    for (const panel of this.panels) panel.dirty ||= panel.name === 'losses'
  }

  /**
   * Marks the panels that must be drawn again: all of them, or those that show what a message touched.
   * @param {News} [news]
   */
  spoil(news) {
    const all = !news || news.replaced || EVERY_PANEL.some(kind => news.touched.has(kind))
    for (const panel of this.panels) panel.dirty ||= all || panel.needs.some(name => news.touched.has(name))
  }

  tick() {
    if (this.closed) return
    const begun = performance.now()
    if (!document.hidden && this.root.isConnected) this.draw()
    const spent = performance.now() - begun
    const wait = this.unseen().length ? 0 : Math.max(this.pause, 3 * spent)
    this.timer = setTimeout(() => this.tick(), wait)
  }

  draw() {
    const theme = this.theme()
    const frame = [theme.text, theme.background, this.end()].join()
    if (frame !== this.frame) this.spoil()
    this.frame = frame
    if (Math.abs(this.offset() - this.top) > MOVED) this.fit()
    this.legend.describe(this.feeds.run)
    if (this.projector.isOpen) return this.project()
    const begun = performance.now()
    const due = this.due()
    for (const panel of due) this.drawPanel(panel, theme)
    if (!due.length) return
    const points = this.feeds.run?.store.points ?? 0
    this.watch.redraws++
    this.watch.redrawMilliseconds = performance.now() - begun
    if (points) this.watch.firstPointMilliseconds ??= performance.now()
    this.watch.drawn = points
  }

  /** One chart alone: those behind it wait. */
  project() {
    if (this.projector.panel?.dirty || this.panels.some(panel => panel.dirty)) this.projector.show()
    for (const panel of this.panels) panel.dirty = false
  }

  /** A panel's first drawing is dear, so each has a turn of its own: the first curve is seen before the last. */
  due() {
    const unseen = this.unseen()
    if (unseen.length) return [unseen.find(panel => panel.name === FIRST) ?? unseen[0]]
    return this.panels.filter(panel => panel.dirty && isVisible(panel))
  }

  unseen() {
    if (document.hidden) return []
    return this.panels.filter(
      panel => !panel.listening && isVisible(panel) && panel.plot.clientWidth && panel.plot.clientHeight
    )
  }

  /** @returns {LiveTheme} */
  theme() {
    const theme = themeOf(this.root)
    return { ...theme, faint: theme.dark ? 0.45 : 0.28 }
  }

  /** @param {Panel} panel @param {LiveTheme} theme */
  drawPanel(panel, theme) {
    const { data, feeds } = this
    if (!data || !window.Plotly) return // it is still on its way
    const [options, tasks] = [this.options(data), data.tasks.filter(task => !this.hidden.has(task.name))]
    const shown = { tasks, titled: data.tasks, options, store: feeds.run?.store, baseline: feeds.baseline?.store }
    const range = /** @type {[number, number]} */ (this.zoom ?? [0, this.end()])
    const frame = { range, isZoomed: !!this.zoom, address: data.address }
    panel.dirty = !paintPanel(panel, shown, frame, theme)
    if (!panel.listening && panel.plot._fullLayout) this.linkZoom(panel)
  }

  /** @param {Data} data @returns {Options} */
  options(data) {
    return {
      unit: data.unit,
      constrained: data.constrained,
      stepsUntilBounds: data.steps_until_bounds,
      unscaled: this.unscaled
    }
  }

  /** What a sentence speaks of: hidden tasks as well, since it is true of the run. @returns {[DrawnTask[], Options]} */
  spoken() {
    const { data, feeds } = this
    if (!data || !feeds.run) return [[], { unit: '', constrained: false, stepsUntilBounds: 0, unscaled: false }]
    return [drawnTasks(data.tasks, feeds.run.store), this.options(data)]
  }

  /** Where the step axis ends: a pinned baseline is shown as far as it goes. */
  end() {
    return Math.max(1, ...Object.values(this.feeds).map(feed => shownEnd(feed.store)))
  }

  /** @param {Panel} panel zooms all panels along with it */
  linkZoom(panel) {
    panel.listening = true
    panel.plot.on('plotly_relayout', change => {
      if ('xaxis.range[0]' in change) this.setZoom([change['xaxis.range[0]'], change['xaxis.range[1]']])
      else if (change['xaxis.range']) this.setZoom(change['xaxis.range'])
      else if (change['xaxis.autorange']) this.setZoom(null)
    })
    panel.plot.on('plotly_doubleclick', () => this.setZoom(null))
  }

  /** @param {[number, number] | null} zoom */
  setZoom(zoom) {
    this.zoom = zoom && [...zoom]
    this.spoil()
  }

  fit() {
    const size = {
      width: this.root.clientWidth,
      free: window.innerHeight - this.offset() - this.legend.box.offsetHeight,
      panels: this.data?.panels.length ?? 5
    }
    const { rows, height } = fitted(size)
    this.grid.dataset.rows = String(rows)
    this.grid.style.setProperty('--row', height + 'px')
    this.top = this.offset()
    this.spoil()
  }

  /** How far down the page the charts begin, however far it is scrolled. */
  offset() {
    const scrolled = document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0
    return this.root.getBoundingClientRect().top + scrolled
  }

  close() {
    this.closed = true
    clearTimeout(this.timer)
    this.resize.disconnect()
    window.removeEventListener('resize', this.onWindow)
    for (const feed of Object.values(this.feeds)) feed.close()
    for (const { plot } of [...this.panels, this.projector]) purge(plot)
    this.projector.close()
  }
}

/** @param {Panel} panel on the screen, or nearly */
function isVisible(panel) {
  const box = panel.box.getBoundingClientRect()
  return box.bottom > -200 && box.top < window.innerHeight + 200
}

/** @param {LiveCharts} charts what a test, or a curious person with the console open, can read of them */
const exposed = charts => ({
  get points() {
    return charts.feeds.run?.store.points ?? 0
  },
  get step() {
    return charts.feeds.run?.store.step ?? 0
  },
  get waiting() {
    return charts.feeds.run?.held?.length ?? 0
  },
  get status() {
    return charts.feeds.run?.store.status ?? ''
  },
  get store() {
    return charts.feeds.run?.store
  },
  get baseline() {
    return charts.feeds.baseline?.store
  },
  get zoom() {
    return charts.zoom
  },
  get watch() {
    return charts.watch
  },
  get plots() {
    const open = charts.panels.filter(panel => !panel.box.hidden)
    return Object.fromEntries(open.map(panel => [panel.name, panel.plot]))
  }
})

export default mounted(
  '.live-charts',
  root => new LiveCharts(root),
  (charts, /** @type {import('../shared/types.d.ts').Component<Data>} */ { data, setTriggerValue }) =>
    charts.show(
      data,
      order => setTriggerValue('order', order),
      () => setTriggerValue('woken', true)
    )
)
