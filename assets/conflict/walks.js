// The trajectories over a landscape as the calculator gives them: from one start, a request for each method.

import { Calculator } from './calculator.js'

/** @import { Point } from '../shared/types.d.ts' */
/** @import { Surface, Trajectory } from './types.d.ts' */

/**
 * @typedef {object} Hears
 * @property {() => void} onSurface another landscape is there
 * @property {() => void} onTrajectory
 * @property {() => void} onState there is a problem, the line is lost, or it is back
 */

export class Walks {
  /** @type {string | undefined} */
  problem

  /**
   * @param {string} address of the calculator
   * @param {number} steps of a trajectory
   * @param {Hears} hears
   * @param {Partial<import('../shared/socket.js').Options>} [options]
   */
  constructor(address, steps, hears, options) {
    this.steps = steps
    this.hears = hears
    this.landscape = ''
    /** @type {Surface | null} */
    this.surface = null
    /** @type {Point | null} */
    this.start = null
    /** @type {Record<string, Trajectory | undefined>} by the method's kind */
    this.trajectories = {}
    this.isLost = false
    this.watch = { delays: /** @type {number[]} */ ([]), asked: 0 }
    this.calculator = new Calculator(
      address,
      isLost => {
        this.isLost = isLost
        hears.onState()
      },
      options
    )
  }

  /** @param {string} landscape @param {Point | null} start null: the landscape's own first one */
  open(landscape, start) {
    this.landscape = landscape
    this.start = start && [...start]
    this.surface = null
    this.trajectories = {}
    this.calculator.ask('surface', 'surface', { landscape }, ({ problem, result }) => {
      if (landscape !== this.landscape) return
      this.problem = problem
      if (!result) return this.hears.onState()
      this.surface = /** @type {Surface} */ (result)
      this.start ??= [...this.surface.starts[0]]
      this.hears.onSurface()
    })
  }

  /** @param {Point | null} start of a new address; null: the landscape's own first one */
  restart(start) {
    const first = start ?? this.surface?.starts[0] ?? null
    this.start = first && [...first]
  }

  /** @param {string[]} kinds of the methods that walk anew; the others have no trajectory from here */
  again(kinds) {
    this.trajectories = {}
    for (const kind of kinds) this.walk(kind)
  }

  /** @param {string} kind */
  walk(kind) {
    if (!this.start) return
    const begun = performance.now()
    const { landscape } = this
    const start = [...this.start]
    this.watch.asked++
    const given = { landscape, start, steps: this.steps, methods: [kind] }
    this.calculator.ask('trajectory ' + kind, 'path', given, answer => {
      if (landscape !== this.landscape || start.join() !== this.start?.join()) return
      this.problem = answer.problem
      if (answer.result) this.trajectories[kind] = answer.result.methods[kind]
      this.watch.delays.push(performance.now() - begun)
      this.hears.onTrajectory()
    })
  }

  /** @param {Point} start moved into the picture */
  put([x, y]) {
    if (this.surface) this.start = [within(x, this.surface.x), within(y, this.surface.y)]
  }

  close() {
    this.calculator.close()
  }
}

/** @param {number} value @param {number[]} axis moved into it */
const within = (value, axis) => Math.min(axis[axis.length - 1], Math.max(axis[0], value))
