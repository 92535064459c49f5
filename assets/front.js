// The front of a sweep: drawn in place as points come in, so that zoom and the turn of the 3-D view are kept. A click on
// a point says which setting a person means; the list beside the picture does the same for the keyboard.

const FRONT_HEIGHT = { wide: 440, narrow: 360 }

class Front {
  constructor(root) {
    this.root = root
    this.plot = document.createElement('div')
    this.plot.className = 'front-plot'
    this.plot.setAttribute('role', 'img')
    this.says = document.createElement('p')
    this.says.className = 'front-says'
    root.replaceChildren(this.plot, this.says)
    this.resize = new ResizeObserver(() => this.draw())
    this.resize.observe(root)
    this.points = 0
    window.__front = this
  }

  show(data, emit) {
    this.data = data
    this.emit = emit
    this.loading ??= loadPlotly(data.plotly_address).then(() => { this.ready = true; this.draw() }, error => this.root.replaceChildren(error.message))
    this.draw()
  }

  draw() {
    if (!this.ready || !this.root.isConnected || !this.root.clientWidth) return
    const theme = themeOf(this.root)
    const { data, layout, alt } = painted(this.data.figure, { ...theme, faint: theme.muted, line: theme.border, baseline: '#80848E' })
    const narrow = this.root.clientWidth < 520
    layout.width = this.root.clientWidth
    layout.height = narrow ? FRONT_HEIGHT.narrow : FRONT_HEIGHT.wide
    layout.font = { ...layout.font, family: theme.font }
    layout.hoverlabel = { bgcolor: theme.background, font: { color: theme.text, family: theme.font } }
    this.plot.setAttribute('aria-label', alt)
    window.Plotly.react(this.plot, data, layout, { displaylogo: false, responsive: false, modeBarButtonsToRemove: ['select2d', 'lasso2d'] })
    if (!this.listening) {
      this.listening = true
      this.plot.on('plotly_click', event => {
        const number = event.points?.[0]?.customdata
        if (number !== undefined && number !== null) this.emit(Number(number))
      })
    }
    this.points = data.reduce((sum, trace) => sum + (trace.customdata ? new Set(trace.customdata).size : 0), 0)
    this.says.textContent = this.data.says
  }

  close() {
    this.resize.disconnect()
    if (this.plot._fullLayout) window.Plotly.purge(this.plot)
    delete this.root.__front
  }
}

// The figure names colours of the theme; here they get their values.
function painted(value, theme) {
  if (Array.isArray(value)) return value.map(part => painted(part, theme))
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, name.endsWith('color') ? colour(part, theme) : painted(part, theme)]))
  }
  return value
}

function colour(part, theme) {
  return Array.isArray(part) ? part.map(one => theme[one] ?? one) : theme[part] ?? part
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector('.front')
  root.__front ??= new Front(root)
  root.__front.show({ ...data }, number => setStateValue('chosen', { number, at: Date.now() }))
  return () => setTimeout(() => { if (!root.isConnected) root.__front?.close() }, 0)
}
