// The pictures of a landscape: the plane of parameters, the plane of the two losses, and both losses as surfaces.

import { activeIn, html, svg } from '../shared/dom.js'
import { rounded } from '../shared/format.js'
import { colourOf, dashOf, palette, themeOf } from '../shared/palette.js'
import { CLEAR, drawFigure, purge } from '../shared/plotly.js'
import { cloud, contour, levelLines, optima, reachable, solidTraces } from './contours.js'
import { LandPlot, pixelsText } from './land_plot.js'
import { boundAt, nameTags } from './trajectories.js'

/** @import { Point } from '../shared/types.d.ts' */
/** @import { Drawn, Method, Surface, Trajectory } from './types.d.ts' */
/** @import { Scale } from './land_plot.js' */

/** @typedef {{ onDrag: (event: PointerEvent) => void, onKey: (event: KeyboardEvent) => void }} StartHand */

const FLAT_TITLE = 'Parameters: contours of both losses'
const SOLID_TITLE = 'Both losses over the parameters'
const SOLID_PAUSE = 300 // milliseconds without news before the surfaces are drawn again
const BOUND_WIDTH = 3.5 // pixels

/**
 * @typedef {object} View what is to be seen
 * @property {Surface} surface
 * @property {string} landscape its name, with which the camera ends
 * @property {Point} start
 * @property {number} step
 * @property {Method[]} methods all of them, in the order that gives the dashes
 * @property {Drawn[]} drawn the chosen one first
 * @property {Trajectory | undefined} nmt where it is shown
 */

export class LandView {
  /**
   * @param {HTMLElement} root
   * @param {() => View | null} view asked at each drawing
   * @param {StartHand} hand
   */
  constructor(root, view, hand) {
    this.root = root
    this.view = view
    this.hand = hand
    this.isReady = false // plotly.js is there
    this.isFlat = true
    this.turn = html('button', { type: 'button', textContent: '3-D', aria: { pressed: 'false' } })
    this.turn.onclick = () => this.setFlat(!this.isFlat)
    this.plane = new LandPlot('land-plane', FLAT_TITLE)
    this.front = new LandPlot('land-front', 'Losses: each task on an axis')
    this.solid = html('div', { className: 'land-solid' })
    this.plane.box.append(this.solid)
    this.plane.overlay.onpointerdown = event => this.hand.onDrag(event)
    this.box = html('div', { className: 'land-plots' }, this.plane.box, this.front.box)
  }

  /** @returns {View | null} null while something is missing to draw it */
  drawable() {
    return this.isReady && this.root.isConnected ? this.view() : null
  }

  drawGround() {
    const view = this.drawable()
    if (!view) return
    const { surface } = view
    const theme = themeOf(this.root)
    const grounds = [0, 1].map(task => contour(surface, task))
    this.plane.draw(
      [...grounds, ...optima(surface, theme)],
      {
        xaxis: { range: [surface.x[0], surface.x.at(-1)], constrain: 'domain' },
        yaxis: { range: [surface.y[0], surface.y.at(-1)], scaleanchor: 'x', constrain: 'domain' }
      },
      theme
    )
    const { range, points } = reachable(surface)
    const axes = [0, 1].map(task => ({
      range,
      title: { text: `<span style="color:${colourOf(task)}">●</span> Loss of task ${task + 1}` }
    }))
    this.front.draw([cloud(points)], { xaxis: axes[0], yaxis: axes[1] }, theme)
    this.drawTrajectories()
    this.drawSolid()
  }

  drawTrajectories() {
    const view = this.drawable()
    if (!view) return
    const { overlay } = this.plane
    const active = activeIn(this.root)
    const hadFocus = active !== null && overlay.contains(active)
    this.drawOn(this.plane, view, ({ x, y }) => x.map((value, i) => [value, y[i]]), [
      (layer, scale) => this.boundContour(view, layer, scale),
      (_layer, scale) => [this.startMark(view.start, scale)]
    ])
    this.drawOn(this.front, view, ({ losses: [one, two] }) => one.map((value, i) => [value, two[i]]), [
      (layer, scale) => boundEdge(view, layer, scale)
    ])
    if (!hadFocus) return
    const mark = /** @type {SVGElement | null} */ (overlay.querySelector('.land-start'))
    mark?.focus({ preventScroll: true })
  }

  /**
   * @param {LandPlot} plot
   * @param {View} view
   * @param {(trajectory: Trajectory) => Point[]} points
   * @param {((layer: SVGGElement, scale: Scale) => SVGElement[])[]} more shapes above or, put into the layer, below
   */
  drawOn(plot, view, points, more) {
    const scale = plot.scale()
    if (!scale) return
    const { cut, layer } = plot.clipped(scale)
    const above = more.flatMap(shapes => shapes(layer, scale))
    const heads = view.drawn.toReversed().map(({ kind, title, trajectory, chosen }) => {
      const seen = Math.min(trajectory.x.length, Math.floor(view.step) + 1)
      const line = points(trajectory)
        .slice(0, seen)
        .map(([x, y]) => scale.to(x, y))
      const head = line[line.length - 1]
      const dash = dashOf(view.methods.findIndex(method => method.kind === kind))
      const className = 'land-way' + (chosen ? ' land-chosen' : '')
      layer.append(
        svg('polyline', { class: className, points: pixelsText(line), 'stroke-dasharray': dash }),
        svg('circle', { cx: head[0], cy: head[1], r: chosen ? 6 : 4, class: 'land-head' })
      )
      return { head, title, chosen }
    })
    plot.overlay.replaceChildren(cut, layer, ...nameTags(heads, scale.box), ...above)
  }

  /**
   * NMT's bound on task 1 in the plane of parameters: a contour.
   * @param {View} view
   * @param {SVGGElement} layer
   * @param {Scale} scale
   */
  boundContour({ nmt, step, surface }, layer, scale) {
    const bound = boundAt(nmt, step, surface)
    const lines = bound === null ? [] : levelLines(surface, 0, bound)
    const stroke = { fill: 'none', stroke: colourOf(0), 'stroke-width': BOUND_WIDTH, 'stroke-linecap': 'round' }
    for (const line of lines) {
      layer.append(svg('polyline', { ...stroke, points: pixelsText(line.map(([x, y]) => scale.to(x, y))) }))
    }
    return []
  }

  /** @param {Point} start @param {Scale} scale */
  startMark(start, scale) {
    const [cx, cy] = scale.to(...start)
    const at = `Start at ${rounded(start[0])}, ${rounded(start[1])}`
    const label = at + '. Drag it, or move it with the arrow keys.'
    const mark = svg('circle', { cx, cy, r: 9, class: 'land-start', tabindex: 0, role: 'button', 'aria-label': label })
    mark.onkeydown = event => this.hand.onKey(event)
    return mark
  }

  // ------------------------------------------------------------------ three dimensions

  /** @param {boolean} isFlat */
  setFlat(isFlat) {
    this.isFlat = isFlat
    this.turn.setAttribute('aria-pressed', String(!isFlat))
    this.turn.textContent = isFlat ? '3-D' : '2-D'
    this.plane.plot.hidden = !isFlat
    this.plane.overlay.style.display = isFlat ? '' : 'none'
    this.solid.hidden = isFlat
    this.plane.title.textContent = isFlat ? FLAT_TITLE : SOLID_TITLE
    if (isFlat) purge(this.solid)
    this.drawSolid()
    this.drawTrajectories()
  }

  /** Waits until nothing has changed for a moment. */
  drawSolid() {
    clearTimeout(this.solidTimer)
    if (!this.isFlat) this.solidTimer = setTimeout(() => this.drawSolidNow(), SOLID_PAUSE)
  }

  drawSolidNow() {
    const view = this.drawable()
    if (!view || this.isFlat) return
    const theme = themeOf(this.root)
    const [width, height] = this.plane.size()
    const { traces, top } = solidTraces(view.surface, view.drawn, Math.floor(view.step), theme)
    const axis = { gridcolor: theme.border, color: theme.text, backgroundcolor: CLEAR, title: { text: '' } }
    const layout = {
      width,
      height,
      margin: { l: 0, r: 0, t: 24, b: 0 },
      showlegend: false,
      paper_bgcolor: CLEAR,
      font: { family: theme.font, size: 11, color: theme.text },
      uirevision: view.landscape,
      scene: {
        xaxis: axis,
        yaxis: axis,
        zaxis: { ...axis, range: [0, top], title: { text: 'Loss' } },
        camera: { eye: { x: 1.3, y: -1.5, z: 0.9 } }
      }
    }
    try {
      drawFigure(this.solid, traces, layout, { displayModeBar: false, responsive: false })
    } catch {
      this.solid.textContent =
        'This browser cannot draw in three dimensions (WebGL is off); the flat picture says the same.'
    }
  }

  close() {
    clearTimeout(this.solidTimer)
    this.plane.close()
    this.front.close()
    purge(this.solid)
  }
}

/**
 * NMT's bound in the plane of losses: a line that it may not cross.
 * @param {View} view
 * @param {SVGGElement} layer
 * @param {Scale} scale
 */
function boundEdge({ nmt, step, surface }, layer, { to, box: [left, top, width, height] }) {
  const bound = boundAt(nmt, step, surface)
  const x = bound === null ? left : to(bound, 0)[0]
  if (x > left && x < left + width) {
    const edge = { x1: x, x2: x, y1: top, y2: top + height, stroke: colourOf(0), 'stroke-width': BOUND_WIDTH }
    const side = { x: left, y: top, width: x - left, height, fill: palette.satisfied, opacity: 0.09 }
    layer.append(svg('rect', side), svg('line', edge))
  }
  return []
}
