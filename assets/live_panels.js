// The five pictures of a run: from what the browser holds to traces, bands and marks for plotly.js.
// Colour is the task; dash is what kind of line it is; grey is the pinned baseline. No colour stands alone: dashes,
// markers and a name at the line's end say the same.

const CONFLICT = '213, 94, 0', AGREEMENT = '0, 114, 178'  // orange below cosine 0, blue above: readable to all eyes
const LETTERS_OF_A_PAIR = 11  // of each title at the end of a line that stands for two tasks
const CLEAR_ERROR = 0.5  // standard error of a cosine above which a reading says little
const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash', 'longdashdot']

const shown = (value, digits = 3) => (value === null || value === undefined ? 'none' : Number(value.toPrecision(digits)).toString())
const degrees = cosine => Math.acos(Math.max(-1, Math.min(1, cosine))) * 180 / Math.PI
const spoken = name => name.replaceAll('_', ' ')
const inSentence = title => (/^.[A-Z]/.test(title) ? title : title.slice(0, 1).toLowerCase() + title.slice(1))
const shortened = (title, letters) => (title.length > letters ? title.slice(0, letters - 1).trimEnd() + '…' : title)

// True where a stage trains the task: it improves it or protects it. An untrained task's figures are noise.
const trains = (stage, task) => stage.objective.includes(task) || stage.constraints.includes(task)

// The series of one task while it is trained, cut where a stage begins so that no line joins two stages.
function pointsOf(store, quantity, task, change = (value, _step) => value) {
  const held = store.series.get(quantity + '/' + task.name)
  if (!held) return { x: [], y: [] }
  const starts = store.stages.map(stage => stage.start)
  const x = [], y = []
  let next = 0
  for (let i = 0; i < held.x.length; i++) {
    const before = next
    while (next < starts.length && held.x[i] > starts[next]) next++
    if (next && !trains(store.stages[next - 1], task.name)) continue
    if (next !== before && x.length) {
      x.push(held.x[i])
      y.push(null)
    }
    x.push(held.x[i])
    y.push(change(held.y[i], held.x[i]))
  }
  return { x, y }
}

// The full readings of the slice in the prioritised stages, from the first stage on that trains the task.
function readingsOf(store, task) {
  const first = store.stages.find(stage => stage.phase === 'main' && trains(stage, task.name))
  return first ? store.evaluations.filter(event => event.phase === 'main' && event.step > first.start) : []
}

function lastOf({ y }) {
  for (let i = y.length - 1; i >= 0; i--) if (y[i] !== null) return y[i]
  return null
}

function line(task, points, width, dash, more = {}) {
  return { type: 'scatter', mode: 'lines', x: points.x, y: points.y, line: { color: task.color, width, dash }, ...more }
}

// Violations are drawn as a share of the loss that the bound was made from, so that tasks of any scale compare; those
// of a metric as they are.
function shareOf(store, position) {
  if (store.unit === 'metric') return value => value
  return (value, step) => {
    const reference = stageAt(store, step)?.reference_loss[position]
    return reference ? 100 * value / reference : null
  }
}

// What the empty multiplier panel waits for: the first stage has nothing to protect yet, and how long it may still last.
function untilMultipliers(store, tasks, constrained, stageSteps) {
  if (!constrained) return 'This method has no multipliers'
  const stage = store.stages.find(held => held.stage === 0)
  if (!stage || !stageSteps) return 'Multipliers begin with the second stage'
  const first = tasks.find(task => task.name === stage.objective[0])?.title ?? 'The first task'
  const left = Math.max(0, stage.start + stageSteps - store.step)
  return `Stage 1: ${first} is trained alone;<br>what it reaches becomes its bound.<br><br>` +
    `Multipliers begin with stage 2,<br>in at most ${left} steps`
}

function multiplierPanel(store, tasks, { constrained, stageSteps }) {
  const lines = tasks.map(task => ({ task, points: pointsOf(store, 'multiplier', task) }))
  return {
    traces: lines.map(({ task, points }) =>
      line(task, points, 2, task.dash, { name: task.title, hovertemplate: '%{y:.3g}<extra>' + task.title + '</extra>' })),
    ends: lines.map(({ task, points }) => ({ task, y: lastOf(points) })),
    yaxis: { rangemode: 'tozero', title: { text: 'Multiplier' } },
    takeaway: 'Multipliers: ' + sayEach(lines),
    empty: untilMultipliers(store, tasks, constrained, stageSteps),
  }
}

// Losses as a share of what the best constant guess loses, so that frequent and rare tasks compare; or as they are.
function lossPanel(store, tasks, { unscaled }, theme) {
  const traces = []
  const ends = []
  for (const task of tasks) {
    const unit = unscaled ? 1 : store.base[task.position] || 1
    const scaled = value => value / unit
    const smooth = pointsOf(store, 'smooth_loss', task, scaled)
    if (!task.baseline) {
      const raw = pointsOf(store, 'loss', task, scaled)
      traces.push(line(task, raw, 1, 'solid', { opacity: theme.faint, hoverinfo: 'skip' }))
      const bounds = boundLine(store, task.position, scaled)
      traces.push(line(task, bounds, 1.5, 'dash', { hovertemplate: 'bound %{y:.4f}<extra>' + task.title + '</extra>' }))
      const readings = readingsOf(store, task)
      traces.push({
        type: 'scatter', mode: 'markers', x: readings.map(event => event.step),
        y: readings.map(event => event.loss[task.position] / unit),
        marker: { color: task.color, size: 4, symbol: 'circle-open' },
        hovertemplate: 'on the slice %{y:.4f}<extra>' + task.title + '</extra>',
      })
    }
    traces.push(line(task, smooth, 2, task.dash, { hovertemplate: '%{y:.4f}<extra>' + task.title + '</extra>' }))
    ends.push({ task, y: lastOf(smooth), points: smooth })
  }
  return {
    traces, ends, yaxis: { title: { text: unscaled ? 'Loss' : 'Loss (1 = constant guess)' } },
    takeaway: 'Training losses: ' + sayEach(ends), empty: 'Begins with the first step',
  }
}

// A bound on the training batches, from its stage's start to its end; a live edit of the tolerance moves it.
function boundLine(store, position, scaled) {
  const x = [], y = []
  if (store.unit === 'metric') return { x, y }  // its bound is no loss
  for (const stage of store.stages) {
    let bound = stage.bound_train[position]
    if (bound === null || stage.phase !== 'main') continue
    const end = stage.end ?? store.step
    x.push(stage.start)
    y.push(scaled(bound))
    for (const { step, shift } of boundShifts(store, stage, position)) {
      x.push(step, step)
      y.push(scaled(bound), scaled(bound + shift))
      bound += shift
    }
    x.push(end, end)
    y.push(scaled(bound), null)
  }
  return { x, y }
}

// How far each live edit of a task's tolerance moved its bound within a stage, in the unit of the loss.
function boundShifts(store, stage, position) {
  const what = 'tolerances.' + store.tasks[position]
  const unit = store.unit === 'relative' ? stage.reference_loss[position] : 1
  return store.changes
    .filter(event => event.what === what && event.step >= stage.start && event.step <= (stage.end ?? Infinity))
    .map(event => ({ step: event.step, shift: (Number(event.new) - Number(event.old)) * unit }))
}

function slackPanel(store, tasks, { constrained }) {
  const traces = [], ends = [], fitted = []
  const points = store.unit === 'metric'
  const shape = points ? '%{y:.4f}' : '%{y:.2f} %'
  const least = points ? 0.001 : 0.5
  for (const task of tasks) {
    const share = shareOf(store, task.position)
    const slice = pointsOf(store, 'violation', task, share)
    if (!task.baseline && !points) {  // training batches have no metric
      const train = pointsOf(store, 'smooth_violation_train', task, share)
      fitted.push(train)
      traces.push(line(task, train, 1.3, 'dot', {
        hovertemplate: 'training ' + shape + '<extra>' + task.title + '</extra>',
      }))
    }
    traces.push(line(task, slice, 2, task.dash, { hovertemplate: shape + '<extra>' + task.title + '</extra>' }))
    ends.push({ task, y: lastOf(slice), points: slice })
    fitted.push(slice)
  }
  const values = fitted.flatMap(points => points.y.filter(value => value !== null))
  return {
    traces, ends, yaxis: { range: [Math.min(-least, ...values) * 1.15, Math.max(least, ...values) * 1.15], title: { text: points ? 'Metric points outside its bound' : '% of the loss above its bound' }, zeroline: true, zerolinewidth: 2 },
    shapes: [{ type: 'rect', xref: 'paper', x0: 0, x1: 1, y0: -1e6, y1: 0, line: { width: 0 }, layer: 'below',
      fillcolor: 'rgba(0, 158, 115, 0.10)' }],
    takeaway: `Above (+) or within (−) its bound, in ${points ? 'points of the metric' : 'per cent'}: ` + sayEach(ends),
    empty: constrained ? 'No bound to keep yet' : 'This method keeps no bounds',
  }
}

// Every pair of tasks that was ever probed, with its readings: a stage probes only the tasks that it trains.
// A reading counts as clear where the stage improves one of the two and its error leaves something to be said.
function pairsOf(store) {
  const pairs = new Map()
  for (const event of store.probes) {
    const improved = stageAt(store, event.step)?.objective.map(name => store.tasks.indexOf(name)) ?? []
    event.pairs.forEach(([first, second], place) => {
      const cosine = event.cosine[place], error = event.error[place] ?? 0
      if (cosine === null) return
      const key = first + '-' + second
      if (!pairs.has(key)) pairs.set(key, { first, second, probes: [] })
      const clear = error <= CLEAR_ERROR && [first, second].some(position => improved.includes(position))
      pairs.get(key).probes.push({ step: event.step, cosine, error, clear })
    })
  }
  return [...pairs.values()]
}

// Of an axis that holds cosines.
const ANGLES = { tickvals: [-1, -0.5, 0, 0.5, 1], ticktext: ['180°', '120°', '90°', '60°', '0°'] }

// Behind them: the more two gradients agree or conflict, the stronger its colour.
const angleBands = () => [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75].map(low => ({
  type: 'rect', xref: 'paper', x0: 0, x1: 1, y0: low, y1: low + 0.25, line: { width: 0 }, layer: 'below',
  fillcolor: `rgba(${low < 0 ? CONFLICT : AGREEMENT}, ${0.22 * Math.abs(low + 0.125)})`,
}))

function anglePanel(store, tasks, _options, theme) {
  const traces = []
  const ends = []
  const lastProbe = store.probes.at(-1)?.step
  for (const [which, { first, second, probes }] of pairsOf(store).entries()) {
    const one = tasks.find(task => task.position === first), other = tasks.find(task => task.position === second)
    if (!one || !other) continue
    const y = probes.map(probe => probe.cosine)
    traces.push({
      type: 'scatter', mode: 'lines+markers', x: probes.map(probe => probe.step), y,
      error_y: { type: 'data', array: probes.map(probe => (probe.clear ? probe.error : 0)), thickness: 1, width: 2, color: theme.muted },
      line: { color: theme.border, width: 1, dash: DASHES[which % DASHES.length] },
      marker: {
        size: probes.map(probe => (probe.clear ? 8 : 4)), opacity: probes.map(probe => (probe.clear ? 1 : 0.4)),
        color: one.color, line: { color: other.color, width: probes.map(probe => (probe.clear ? 2.5 : 1)) },
      },
      customdata: probes.map(({ cosine, error }) => [degrees(cosine), error]),
      hovertemplate: `%{customdata[0]:.0f}°, cosine %{y:.2f} ± %{customdata[1]:.2f}<extra>${one.title} and ${other.title}</extra>`,
    })
    const last = probes.at(-1)
    ends.push({
      text: shortened(one.title, LETTERS_OF_A_PAIR) + ' · ' + shortened(other.title, LETTERS_OF_A_PAIR), task: one, other, clear: last.clear,
      y: last.clear && last.step === lastProbe ? last.cosine : null,
    })
  }
  const opposed = ends.filter(end => end.clear && end.y < 0).map(end => end.text)
  return {
    traces, ends,
    yaxis: {
      range: [-1.05, 1.05], ...ANGLES,
      title: { text: 'Angle between gradients' }, zeroline: true, zerolinewidth: 2,
    },
    shapes: angleBands(),
    empty: 'Measured from time to time,<br>once two tasks are trained',
    takeaway: !ends.length ? 'No angle measured yet'
      : opposed.length ? 'Pulling against each other: ' + opposed.join(', ') : 'No two tasks clearly pull against each other',
  }
}

// Each task by the metric that the page names for it: shares (AUC, accuracy) on the axis, which bears the name of the
// first of them, and figures in a unit of their own on a second one without numbers.
function metricPanel(store, tasks) {
  const traces = []
  const ends = []
  const measured = tasks.filter(task => task.metric)
  const onAxis = measured.find(task => task.metric.is_share)?.metric.name ?? ''
  for (const task of measured) {
    const readings = readingsOf(store, task)
    const { name: measure, digits, is_share } = task.metric
    const second = !is_share
    const value = event => event.metric[task.position] ?? null
    const defined = readings.filter(event => value(event) !== null)
    const points = { x: defined.map(event => event.step), y: defined.map(value) }
    const axis = second ? { yaxis: 'y2' } : {}
    traces.push(line(task, points, task.baseline ? 1.5 : 2, second && !task.baseline ? 'dot' : task.dash, {
      ...axis, mode: task.baseline ? 'lines' : 'lines+markers', marker: { size: 5, symbol: second ? 'square' : 'circle' },
      hovertemplate: measure + ` %{y:.${digits}f}<extra>` + task.title + '</extra>',
    }))
    const kept = task.baseline ? [] : keptReadings(store, task.name, readings)
    if (kept.length) {
      traces.push({
        type: 'scatter', mode: 'markers', x: kept.map(event => event.step), y: kept.map(value), ...axis,
        marker: { symbol: 'diamond-open', size: 11, color: task.color, line: { width: 2 } },
        hovertemplate: 'kept by its stage<extra>' + task.title + '</extra>',
      })
    }
    const last = lastOf(points)
    ends.push({ task, y: last, points, second, text: measure !== onAxis && last !== null ? measure + ' ' + shown(last, 4) : undefined })
    const alone = task.baseline ? null : singleTask(store, task.position, value)
    if (alone !== null) {
      traces.push(line(task, { x: [0, shownEnd(store)], y: [alone, alone] }, 1.2, 'dash', {
        ...axis, hovertemplate: measure + ` alone %{y:.${digits}f}<extra>` + task.title + '</extra>',
      }))
    }
  }
  const mixed = measured.some(task => !task.metric.is_share)
  return {
    traces, ends, yaxis: { title: { text: onAxis }, autorangeoptions: { clipmin: 0, clipmax: 1 } },
    secondAxis: mixed ? { overlaying: 'y', side: 'right', showticklabels: false, showgrid: false, zeroline: false } : null,
    takeaway: 'On the slice: ' + sayEach(ends), empty: 'Read from time to time',
  }
}

// What a network of texts says of the order it gives; one line, of all tasks together.
function orderPanel(store, tasks, _options, theme) {
  const readings = store.evaluations.filter(event => event.phase === 'main' && event.measures?.ndcg_at_10 !== undefined)
  const points = { x: readings.map(event => event.step), y: readings.map(event => event.measures.ndcg_at_10) }
  const all = { title: 'NDCG@10', color: theme.text }
  const drawn = line(all, points, 2, 'solid', { mode: 'lines+markers', marker: { size: 6 }, hovertemplate: 'NDCG@10 %{y:.4f}<extra></extra>' })
  const last = lastOf(points)
  const range = points.y.length ? { range: [Math.min(...points.y) - 0.03, Math.min(1.005, Math.max(...points.y) + 0.03)] } : {}
  return {
    traces: [drawn], ends: [{ task: all, y: last, points, text: last === null ? undefined : 'NDCG ' + shown(last) }],
    yaxis: { ...range, title: { text: 'NDCG@10' } }, takeaway: 'NDCG@10 ' + shown(last), empty: 'Read from time to time',
  }
}

// The readings of the models that the stages kept, for the task that each improved.
function keptReadings(store, name, readings) {
  const steps = store.stages.filter(stage => stage.result && stage.objective.includes(name)).map(stage => stage.result.kept_step)
  return readings.filter(event => steps.includes(event.step))
}

// What the task reaches when it is trained alone, so far: in its reference stage, or in a stage that improves it alone
// with nothing to protect, which is the same.
function singleTask(store, position, value) {
  const name = store.tasks[position]
  const isAlone = stage => stage.objective.join() === name && !stage.constraints.length
  const stage = store.stages.find(held => isAlone(held) && (held.phase === 'reference' || held.stage === 0))
  if (!stage) return null
  const readings = store.evaluations.filter(
    event => event.step > stage.start && event.step <= (stage.end ?? Infinity) && value(event) !== null)
  const best = readings.filter(event => event.best).at(-1) ?? readings.at(-1)
  return best ? value(best) : null
}

const sayEach = lines => lines.filter(({ task, points }) => !task.baseline && points && lastOf(points) !== null)
  .map(({ task, points }) => task.title + ' ' + shown(lastOf(points))).join(', ') || 'nothing yet'

// Where the curves end: tasks trained alone afterwards, to compare with, draw none.
// While a run goes on the end is a round number ahead, so that the axis does not creep with each step.
function shownEnd(store) {
  const first = store.stages.find(stage => stage.phase === 'reference')
  if (first) return first.start
  if (store.finished) return Math.max(1, store.step)
  const step = Math.max(10, store.step)
  const unit = Math.max(10, 10 ** Math.floor(Math.log10(step)) / 5)
  return unit * Math.ceil(step / unit)
}

// Bands of the stages, tinted with the colour of the task that the stage improves.
function stageBands(store, colours, titles, { labelled, tinted }, theme) {
  const shapes = [], annotations = []
  for (const stage of store.stages.filter(held => held.phase === 'main')) {
    const end = stage.end ?? store.step
    if (tinted) {
      shapes.push({
        type: 'rect', yref: 'paper', x0: stage.start, x1: end, y0: 0, y1: 1, layer: 'below',
        fillcolor: colours[stage.objective[0]] ?? theme.muted, opacity: 0.08, line: { width: 0 },
      })
    }
    shapes.push({ type: 'line', yref: 'paper', x0: stage.start, x1: stage.start, y0: 0, y1: 1, layer: 'below',
      line: { color: theme.border, width: 1 } })
    if (labelled) {
      const names = stage.objective.map(name => inSentence(titles[name] ?? spoken(name))).join(', ')
      annotations.push({
        y: 1, yref: 'paper', yanchor: 'bottom', showarrow: false, font: { size: 10, color: theme.text },
        texts: ['improving ' + names, names, String(stage.stage + 1)], stage,
      })
    }
  }
  return { shapes, annotations }
}

// A live edit: a vertical line on every panel, with words where there is room for them.
function editMarks(store, titles, labelled, theme) {
  const shapes = store.changes.map(event => ({
    type: 'line', yref: 'paper', x0: event.step, x1: event.step, y0: 0, y1: 1, line: { color: theme.text, width: 1.5, dash: 'dashdot' },
  }))
  const annotations = !labelled ? [] : store.changes.map(event => ({
    x: event.step, y: 0.98, yref: 'paper', yanchor: 'top', xanchor: 'left', xshift: 2, showarrow: false,
    font: { size: 10, color: theme.text }, bgcolor: theme.background, opacity: 0.9, text: sayEdit(store, titles, event),
  }))
  return { shapes, annotations }
}

function sayEdit(store, titles, { what, old, new: now }) {
  const share = value => (store.unit === 'relative' ? shown(100 * Number(value)) + ' %' : value)
  if (what === 'priority') {
    const first = now.split('>')[0].trim()
    return (titles[first] ?? spoken(first)) + ' first'
  }
  if (!what.startsWith('tolerances.')) return `${spoken(what)} ${old} → ${now}`
  const name = what.slice('tolerances.'.length)
  return `${titles[name] ?? spoken(name)} may lose ${share(old)} → ${share(now)}`
}
