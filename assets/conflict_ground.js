// The ground of a landscape: contours, what the two losses can reach, surfaces, and the lines of one level.

// Lines at equal steps of the square root of the loss: close together where it is steep, and some left in the valley.
function contour(x, y, z, task, theme) {
  const root = z.map(row => row.map(value => Math.sqrt(Math.max(0, value))))
  const most = Math.max(...root.flat()), least = Math.min(...root.flat())
  return {
    type: 'contour', x, y, z: root, showscale: false, hoverinfo: 'skip', line: { width: 1, color: TASK_COLOURS[task] }, opacity: 0.75, ncontours: LEVELS,
    contours: { coloring: 'lines', start: least + (most - least) / LEVELS / 2, end: most, size: (most - least) / LEVELS },
    colorscale: [[0, TASK_COLOURS[task]], [1, TASK_COLOURS[task]]],
  }
}

function optima({ optima }) {
  return optima.map(([x, y], task) => ({
    type: 'scatter', mode: 'markers+text', x: [x], y: [y], text: ['best for ' + (task + 1)], textposition: 'bottom center',
    textfont: { color: TASK_COLOURS[task], size: 11 }, marker: { symbol: 'star', size: 12, color: TASK_COLOURS[task] }, hoverinfo: 'skip',
  }))
}

// Every point of the grid in the plane of losses: where the cloud ends, lower left, lies the front. The picture reaches
// a little past what each task loses at the other's optimum.
function reachable({ x, y, losses, optima }) {
  const nearest = (axis, value) => axis.reduce((best, at, i) => (Math.abs(at - value) < Math.abs(axis[best] - value) ? i : best), 0)
  const end = 1.2 * Math.max(...optima.map(([a, b], task) => losses[1 - task][nearest(y, b)][nearest(x, a)]))
  const one = losses[0].flat(), other = losses[1].flat()
  const kept = one.map((value, i) => [value, other[i]]).filter(([a, b]) => a <= end && b <= end)
  return {
    x: [-0.04 * end, end], y: [-0.04 * end, end],
    cloud: { type: 'scatter', mode: 'markers', x: kept.map(([a]) => a), y: kept.map(([, b]) => b), marker: { size: 2.5, color: 'rgba(128, 132, 142, 0.45)' }, hoverinfo: 'skip' },
  }
}

// Where loss `task` has the value `level`: pieces of straight line, one for each cell that it crosses.
function levelLines({ x, y, losses }, task, level) {
  const z = losses[task], pieces = []
  for (let row = 0; row + 1 < y.length; row++) {
    for (let column = 0; column + 1 < x.length; column++) {
      const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]]
      const crossings = []
      corners.forEach(([i, j], side) => {
        const [k, l] = corners[(side + 1) % 4]
        const from = z[j][i] - level, to = z[l][k] - level
        if (from < 0 === to < 0) return
        const share = from / (from - to)
        crossings.push([x[i] + share * (x[k] - x[i]), y[j] + share * (y[l] - y[j])])
      })
      for (let i = 0; i + 1 < crossings.length; i += 2) pieces.push([crossings[i], crossings[i + 1]])
    }
  }
  return pieces
}

// Both losses as surfaces, and the ways on the higher of the two, so that none is hidden beneath.
function solidTraces({ x, y, losses }, ways, step, theme) {
  const top = Math.max(...ways.flatMap(({ way }) => [way.losses[0][0], way.losses[1][0]]), 1e-9) * 1.15
  const surfaces = losses.map((z, task) => ({
    type: 'surface', x, y, z, showscale: false, opacity: 0.62, hoverinfo: 'skip',
    colorscale: [[0, TASK_COLOURS[task]], [1, TASK_COLOURS[task]]], lighting: { ambient: 0.75, diffuse: 0.6 },
    contours: { z: { show: true, color: TASK_COLOURS[task], width: 1, start: 0, end: top, size: top / 12 } },
  }))
  const lines = ways.map(({ title, way, chosen }) => {
    const seen = Math.min(way.x.length, step + 1)
    const height = way.losses[0].map((value, i) => Math.min(top, Math.max(value, way.losses[1][i]) * 1.01)).slice(0, seen)
    return {
      type: 'scatter3d', mode: 'lines+markers+text', x: way.x.slice(0, seen), y: way.y.slice(0, seen), z: height, name: title, hoverinfo: 'name',
      line: { color: theme.text, width: chosen ? 8 : 3 }, text: way.x.slice(0, seen).map((_, i) => (i === seen - 1 && chosen ? title : '')), textfont: { color: theme.text, size: 12 },
      marker: { size: way.x.slice(0, seen).map((_, i) => (i === seen - 1 ? (chosen ? 6 : 4) : 0)), color: theme.text, line: { width: 0 } },
    }
  })
  return { traces: [...surfaces, ...lines], top }
}
