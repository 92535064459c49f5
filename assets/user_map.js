// Users as points: a click goes to one, a box or a lasso makes a group. plotly.js draws; what changes is put into the
// picture that stands, so that zoom and place are kept.

const FIRST = '#D55E00', SECOND = '#009E73', HERE = '#0072B2'
const MODES = [['pan', 'Move'], ['first', 'Draw group A', FIRST], ['second', 'Draw group B', SECOND]]

function html(name, properties, ...children) {
  const { aria = {}, ...rest } = properties
  const node = Object.assign(document.createElement(name), rest)
  for (const key in aria) node.setAttribute('aria-' + key, aria[key])
  node.append(...children)
  return node
}

class UserMap {
  constructor(root) {
    this.root = root
    this.mode = 'pan'
    this.shape = 'lasso'
    this.modes = MODES.map(([mode, title, colour]) => {
      const dot = colour ? [html('i', { style: 'background:' + colour })] : []
      return html('button', { type: 'button', onclick: () => this.choose(mode), aria: { pressed: String(mode === this.mode) } }, ...dot, title)
    })
    this.form = html('button', { type: 'button', onclick: () => this.toggleShape() }, 'Lasso')
    this.form.title = 'Draw with a lasso or a box'
    this.clear = html('button', { type: 'button', onclick: () => this.emit('areas', { first: [], second: [] }) }, 'Forget groups')
    this.whole = html('button', { type: 'button', onclick: () => this.reset() }, 'Whole map')
    this.plot = html('div', { className: 'user-map-plot', role: 'img' })
    this.legend = html('div', { className: 'user-map-legend' })
    root.replaceChildren(html('div', { className: 'user-map-bar' }, ...this.modes, this.form, this.clear, this.whole), this.plot, this.legend)
    window.__userMap = this
  }

  show(data, emit, theme) {
    this.data = data
    this.emit = emit
    this.theme = theme
    this.plot.setAttribute('aria-label', data.alt)
    this.clear.hidden = !data.first.length && !data.second.length
    this.loading ??= loadPlotly(data.plotly_address).then(() => { this.ready = true }, error => this.root.replaceChildren(html('p', { textContent: error.message })))
    this.loading.then(() => this.ready && this.draw())
  }

  choose(mode) {
    this.mode = mode
    MODES.forEach(([own], at) => this.modes[at].setAttribute('aria-pressed', String(own === mode)))
    if (this.ready) window.Plotly.relayout(this.plot, { dragmode: this.dragmode(), selections: [] })
  }

  toggleShape() {
    this.shape = this.shape === 'lasso' ? 'select' : 'lasso'
    this.form.textContent = this.shape === 'lasso' ? 'Lasso' : 'Box'
    this.choose(this.mode === 'pan' ? 'first' : this.mode)
  }

  dragmode() { return this.mode === 'pan' ? 'pan' : this.shape }

  reset() { window.Plotly.relayout(this.plot, { 'xaxis.autorange': true, 'yaxis.autorange': true }) }

  traces() {
    const { x, y, users, colours, near, here } = this.data
    const crowd = {
      type: 'scatter', mode: 'markers', x, y, customdata: users, hovertemplate: 'User %{customdata}<extra></extra>',
      marker: { size: 5, opacity: colours ? .8 : .45, color: colours ?? '#80848E', line: { width: 0 } },
      selected: { marker: { opacity: .9 } }, unselected: { marker: { opacity: .45 } },
    }
    const ring = {
      type: 'scatter', mode: 'markers', x: near.x, y: near.y, customdata: near.users,
      hovertemplate: 'Neighbour %{customdata}<extra></extra>',
      marker: { size: 10, color: 'rgba(0,0,0,0)', line: { width: 2, color: HERE } },
    }
    const self = {
      type: 'scatter', mode: 'markers+text', x: here.x, y: here.y, text: here.names, textposition: 'top center', hoverinfo: 'skip',
      textfont: { size: 13, color: this.theme.text }, marker: { size: 14, symbol: 'diamond', color: HERE, line: { width: 2, color: this.theme.background } },
    }
    return [crowd, ring, self]
  }

  shapes() {
    const path = (area, colour) => area.length ? [{
      type: 'path', path: 'M' + area.map(([x, y]) => `${x},${y}`).join('L') + 'Z', line: { color: colour, width: 2 }, fillcolor: colour, opacity: .22, layer: 'below',
    }] : []
    return [...path(this.data.first, FIRST), ...path(this.data.second, SECOND)]
  }

  draw() {
    const axis = { visible: false, zeroline: false, showgrid: false }
    const layout = {
      uirevision: this.data.space, selectionrevision: this.data.space, showlegend: false, margin: { l: 4, r: 4, t: 4, b: 4 },
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', hovermode: 'closest', dragmode: this.dragmode(),
      xaxis: axis, yaxis: axis, shapes: this.shapes(), selections: [],
      font: { color: this.theme.text },
    }
    const first = !this.drawn
    this.drawn = true
    window.Plotly.react(this.plot, this.traces(), layout, { displayModeBar: false, scrollZoom: true, responsive: true })
    this.legend.replaceChildren(...this.data.legend.map(([title, colour]) => html('span', {}, html('i', { style: 'background:' + colour }), title)))
    if (!first) return
    this.plot.on('plotly_click', ({ points }) => points[0].customdata != null && this.emit('visit', String(points[0].customdata)))
    this.plot.on('plotly_selected', selection => this.select(selection))
  }

  select(selection) {
    if (!selection || this.mode === 'pan') return
    const { range, lassoPoints } = selection
    const corners = lassoPoints ? lassoPoints.x.map((x, at) => [x, lassoPoints.y[at]])
      : range ? [[range.x[0], range.y[0]], [range.x[1], range.y[0]], [range.x[1], range.y[1]], [range.x[0], range.y[1]]] : []
    if (corners.length < 3) return
    const { first, second } = this.data
    this.emit('areas', { first, second, [this.mode]: corners })
    window.Plotly.relayout(this.plot, { selections: [] })
  }
}

const maps = new WeakMap()

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component
  const root = parentElement.querySelector('.user-map')
  if (!maps.has(root)) maps.set(root, new UserMap(root))
  maps.get(root).show(data, (name, value) => setTriggerValue(name, value), themeOf(root))
}
