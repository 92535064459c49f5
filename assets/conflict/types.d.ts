// What the calculator answers, and what the conflict page shows of it.

import type { Point } from '../shared/types.d.ts'

export interface Method {
  kind: string
  title: string
}

/** What every method makes of the gradients; a method that cannot be applied says why. */
export interface Directions {
  cosines: (number | null)[][]
  /** From one angle to another: updates there harm no task. */
  cone?: [number, number][]
  methods: Record<string, { update?: Point; products: number[]; problem?: string }>
}

export interface BenchView {
  methods: Method[]
  /** Kind of the chosen method. */
  focus: string
  arrows: Point[]
  hidden: Set<string>
  answer: Directions | null
}

/** Two losses over a plane: `losses[task][row][column]` at `y[row]` and `x[column]`. */
export interface Surface {
  x: number[]
  y: number[]
  losses: [number[][], number[][]]
  /** Where each loss is least. */
  optima: Point[]
  starts: Point[]
  /** NMT's, of the first loss. */
  tolerance: number
}

/** A method's steps over the plane from one start; a method that cannot be applied says why. */
export interface Trajectory {
  x: number[]
  y: number[]
  losses: [number[], number[]]
  /** NMT's alone: the stage of each step, and its multiplier. */
  stage: number[]
  multiplier: number[]
  problem?: string
}

/** A method with its trajectory. */
export interface Drawn extends Method {
  trajectory: Trajectory
  chosen: boolean
}
