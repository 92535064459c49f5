// Ways over a landscape in names and words.

const AT_BOUND = 0.1  // of the tolerance: nearer than that is on the bound

// Heads that meet carry one name tag with all their names.
function nameTags(labels, [left, top, width, height]) {
  const tags = []
  for (const { head, title, chosen } of labels.toReversed()) {
    if (head[0] < left - 1 || head[0] > left + width + 1 || head[1] < top - 1 || head[1] > top + height + 1) continue
    const near = tags.find(tag => Math.hypot(tag.head[0] - head[0], tag.head[1] - head[1]) < 9)
    if (near) { near.names.push(title); near.chosen ||= chosen } else tags.push({ head, names: [title], chosen })
  }
  const placed = tags.map(tag => {
    const right = tag.head[0] < left + width * 0.6
    const rows = inRows(tag.names, 24, ', ')
    return { ...tag, right, rows, y: tag.head[1], tall: rows.length * ROW_OF_NAMES }
  })
  return [true, false].flatMap(right => makeRoom(placed.filter(tag => tag.right === right), top + height)).map(tag => {
    const x = tag.head[0] + (tag.right ? 9 : -9)
    return svg('text', { x, y: tag.y - tag.tall / 2 + 10, class: 'land-name' + tag.chosen, 'text-anchor': tag.right ? 'start' : 'end' },
      ...tag.rows.map((row, place) => svg('tspan', { x, dy: place ? ROW_OF_NAMES : 0 }, document.createTextNode(row))))
  })
}

// What the chosen way is doing at the step that is shown.
function sayWay(land) {
  const way = land.ways[land.data.focus]
  const title = land.data.methods.find(({ kind }) => kind === land.data.focus)?.title
  const missing = land.shown().filter(({ kind }) => !land.ways[kind]).length
  const still = missing ? ` ${missing} more on the way.` : ''
  if (!way) return `Walking ${title}.${still}`
  if (way.problem) return `${title}: ${way.problem}`
  const at = Math.min(way.x.length - 1, Math.floor(land.frame))
  const losses = `${title}: loss 1 ${way.losses[0][at].toPrecision(3)}, loss 2 ${way.losses[1][at].toPrecision(3)}.`
  if (land.data.focus !== 'nmt') return losses + still
  if (way.stage[at] === 0) return losses + ' First it lowers task 1 alone.' + still
  return `${losses} Now task 2, with task 1 held within its bound (the thick line). ${sayBound(land, way, at)}${still}`
}

// On the bound with a multiplier is where the gradients cancel; short of it or beyond it they do not yet.
function sayBound(land, way, at) {
  const room = way.losses[0][way.stage.indexOf(1)] + land.surface.tolerance - way.losses[0][at]
  const price = `Multiplier ${way.multiplier[at].toPrecision(2)}`
  if (room < -AT_BOUND * land.surface.tolerance) return `${price}: task 1 is beyond its bound, and the multiplier grows until it is back.`
  if (way.multiplier[at] <= 1e-3) return 'Multiplier 0: the bound is not reached yet.'
  if (room > AT_BOUND * land.surface.tolerance) return `${price}, falling: there is room left under the bound.`
  return `${price}: it walks along the bound, where the two gradients oppose each other. That is success.`
}
