// Labels that stand at a height make room for each other.

/**
 * Moves labels apart along y, as little as need be, within [0, height]; each has `y` (its middle) and `tall`.
 * Returns them from the top down. Where they need more room than there is, the lowest keep their distance.
 * @template {{ y: number, tall: number }} Label
 * @param {Label[]} labels
 * @param {number} height
 * @param {number} [gap]
 * @returns {Label[]}
 */
export function spread(labels, height, gap = 2) {
  const sorted = [...labels].toSorted((one, other) => one.y - other.y)
  let floor = 0
  for (const label of sorted) {
    label.y = Math.max(label.y, floor + label.tall / 2)
    floor = label.y + label.tall / 2 + gap
  }
  let ceiling = height
  for (const label of sorted.toReversed()) {
    label.y = Math.min(label.y, ceiling - label.tall / 2)
    ceiling = label.y - label.tall / 2 - gap
  }
  return sorted
}
