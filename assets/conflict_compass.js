// The compass: the tasks' gradients as arrows in their own plane, the method's update among them.

// Coordinates of K vectors in the plane of their first two principal directions, from their products alone:
// with G = V Λ Vᵀ the k-th has the coordinates V_k √Λ. For two tasks nothing is lost.
function planeOf(gram) {
  let rest = gram.map(row => [...row])
  const axes = []
  for (let axis = 0; axis < 2; axis++) {
    let vector = rest.map((_, i) => 1 + 0.3 * i - (axis && i === 0 ? 2.2 : 0)), value = 0
    for (let turn = 0; turn < 300; turn++) {
      const next = rest.map(row => row.reduce((sum, entry, i) => sum + entry * vector[i], 0))
      value = Math.hypot(...next)
      if (value < 1e-300) break
      vector = next.map(entry => entry / value)
    }
    const kept = vector.map(entry => entry * Math.sqrt(Math.max(0, value)))
    axes.push(value < 1e-300 ? vector.map(() => 0) : kept)
    rest = rest.map((row, i) => row.map((entry, j) => entry - value * vector[i] * vector[j]))
  }
  return gram.map((_, i) => [axes[0][i], axes[1][i]])
}

// Weights of the losses at a step, from the run's curves: the method's step over the shared part is their sum.
function weightsAt(store, step) {
  return store.tasks.map(task => {
    const held = store.series.get('weight/' + task)
    if (!held) return null
    const place = held.x.findLastIndex(at => at <= step)
    return held.y[place < 0 ? 0 : place] ?? null
  })
}

// Arrows to draw: [{ task | null for the update, at: [x, y] }]; `exact` says whether the run logged them itself, `kept`
// how much of the gradients' squared length lies in the plane.
function compassOf(store, probe) {
  const tasks = tasksOf(probe)
  const logged = probe.compass
  if (filled(logged)) {
    const arrows = logged.tasks.map((task, i) => ({ task, at: logged.gradients[i] })).concat([{ task: null, at: logged.update }])
    return { arrows: upright(arrows), exact: true, kept: logged.kept }
  }
  const norms = tasks.map(task => normOf(probe, task))
  if (tasks.length < 2 || norms.some(norm => norm === null)) return { arrows: [], exact: false, kept: 1 }
  const gram = tasks.map((one, i) => tasks.map((other, j) => {
    if (i === j) return norms[i] ** 2
    const which = probe.pairs.findIndex(([a, b]) => a === Math.min(one, other) && b === Math.max(one, other))
    return (probe.cosine[which] ?? 0) * norms[i] * norms[j]
  }))
  const plane = planeOf(gram)
  const arrows = tasks.map((task, i) => ({ task, at: plane[i] }))
  const weights = weightsAt(store, probe.step)
  if (tasks.every(task => weights[task] !== null)) {
    const at = [0, 1].map(axis => tasks.reduce((sum, task, i) => sum + weights[task] * plane[i][axis], 0))
    arrows.push({ task: null, at })
  }
  const whole = gram.reduce((sum, row, i) => sum + row[i], 0)
  const kept = whole ? Math.min(1, plane.reduce((sum, [x, y]) => sum + x * x + y * y, 0) / whole) : 1
  return { arrows: upright(arrows), exact: false, kept }
}

// The first task points to the right and the second upwards: a plane has no top, and so the picture does not flip
// from probe to probe.
function upright(arrows) {
  const [x, y] = arrows[0]?.at ?? [1, 0], length = Math.hypot(x, y)
  if (!length) return arrows
  const turned = arrows.map(({ task, at: [a, b] }) => ({ task, at: [(a * x + b * y) / length, (b * x - a * y) / length] }))
  const flip = turned[1] && turned[1].task !== null && turned[1].at[1] < 0 ? -1 : 1
  return turned.map(({ task, at: [a, b] }) => ({ task, at: [a, flip * b] }))
}

function drawCompass(picture, store, probe, tasks, methodTitle) {
  const width = picture.parentElement.clientWidth, height = picture.parentElement.clientHeight
  if (width < 40 || height < 40) return { takeaway: '', note: '' }
  const { arrows, exact, kept } = compassOf(store, probe)
  const centre = [width / 2, height / 2]
  const radius = Math.min(width / 2 - 62, height / 2 - 12)
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`)
  const longest = Math.max(...arrows.filter(({ task }) => task !== null).map(({ at }) => Math.hypot(...at)), 1e-300)
  const shapes = [svg('circle', { cx: centre[0], cy: centre[1], r: radius, class: 'compass-disc' })]
  const labels = []
  for (const { task, at } of arrows) {
    const length = Math.hypot(...at)
    // The update has its own scale: what matters is where it points.
    const size = radius * (task === null ? 0.8 : Math.max(0.12, length / longest)) / Math.max(length, 1e-300)
    const tip = [centre[0] + at[0] * size, centre[1] - at[1] * size]
    const still = length < 1e-12 * longest
    shapes.push(arrow(centre, still ? centre : tip, task === null ? { color: 'currentColor', width: 2.5, dash: '6 3' } : { color: tasks[task].color, width: 3.5 }))
    labels.push({ tip: still ? centre : tip, right: at[0] >= 0, y: tip[1], tall: 13, task, text: task === null ? methodTitle : nameOf(store, task) })
  }
  for (const side of [true, false]) {
    for (const { tip, y, task, text } of makeRoom(labels.filter(label => label.right === side), height)) {
      const x = Math.max(4, Math.min(width - 4, tip[0] + (side ? 9 : -9)))
      const name = svg('text', { x, y: y + 4, 'text-anchor': side ? 'start' : 'end', class: 'compass-name' }, document.createTextNode(text))
      if (task !== null) name.setAttribute('fill', tasks[task].color)
      shapes.push(name)
      requestAnimationFrame(() => keepInside(name, width))
    }
  }
  picture.replaceChildren(...shapes)
  const source = exact ? '' : arrows.some(({ task }) => task === null) ? 'From logged norms, cosines and weights. ' : 'The update is not in this log. '
  const note = source + (kept < 0.995 ? `The plane keeps ${Math.round(100 * kept)} % of the squared lengths.` : '')
  return { note, takeaway: arrows.map(({ task, at }) => `${task === null ? methodTitle : nameOf(store, task)} points to ${Math.round(Math.atan2(at[1], at[0]) * 180 / Math.PI)}°`).join(', ') }
}

// A name that would leave the picture is moved back into it.
function keepInside(name, width) {
  if (!name.isConnected) return
  const { x, width: long } = name.getBBox()
  const move = x < 2 ? 2 - x : x + long > width - 2 ? width - 2 - x - long : 0
  if (move) name.setAttribute('transform', `translate(${move} 0)`)
}
