// What the browser holds of a run, and what its charts are made of.

import type { BoundMoved, Changed, Evaluated, Event, Finished } from '../shared/events.d.ts'
import type { Probed, StageFinished, StageStarted } from '../shared/events.d.ts'
import type { Plotly, Theme } from '../shared/types.d.ts'

/** A curve: `y` is null where the line is cut. */
export interface Points {
  x: number[]
  y: (number | null)[]
}

/** A series as it comes and is held: every point has a value. */
export interface Series {
  x: number[]
  y: number[]
}

/** A stage from its start to its end; `end` is null while it lasts. */
export type Stage = Omit<StageStarted, 'kind' | 'step'> & { start: number; end: number | null; result?: StageFinished }

export interface Store {
  /** Names of the tasks in the data set's order, which all lists of an event follow. */
  tasks: string[]
  /** Training loss of the best constant prediction. */
  base: number[]
  priority: string[]
  stages: Stage[]
  evaluations: Evaluated[]
  probes: Probed[]
  changes: Changed[]
  moves: BoundMoved[]
  /** By quantity and task, as `loss/relevance`. */
  series: Map<string, Series>
  finished: Finished | null
  /** Bytes of the log that have been read. */
  offset: number
  status: string
  step: number
  points: number
}

/** What the server sends: everything since an offset, or with `replace` a picture of the whole. */
export interface Message {
  offset: number
  replace?: boolean
  series?: Record<string, Series>
  events?: Event[]
  status?: string
}

/** What a message did: `again` asks for the whole history, `touched` names the quantities and events in it. */
export type Read = { again: true } | { again: false; touched: Set<string>; replaced: boolean }
export type News = Extract<Read, { again: false }>

/** How a task is written and drawn. */
export interface TaskLabel {
  name: string
  title: string
  color: string
}

/** A task as the page hands it over. */
export interface Task extends TaskLabel {
  /** What says how good the model is at it; null where only the loss does. */
  metric: Metric | null
}

/** `is_share`: between 0 and 1, so that it shares an axis with others; else it has a scale of its own. */
export interface Metric {
  name: string
  digits: number
  is_share: boolean
}

/** A task in a picture. */
export interface DrawnTask extends Task {
  position: number
  dash: string
  baseline?: boolean
}

/** What the page says that is not in the log. */
export interface Options {
  /** Of the tolerances: `relative` to the loss, in units of it, or of the `metric`. */
  unit: string
  /** The method keeps bounds. */
  constrained: boolean
  stepsUntilBounds: number
  /** Losses as they are, not as a share of what the best constant guess loses. */
  unscaled: boolean
}

/** Where a line ends, and what is written there. */
export interface End {
  task: { title: string; color: string; baseline?: boolean }
  other?: TaskLabel
  y: number | null
  text?: string
  points?: Points
  /** It belongs to the second axis. */
  second?: boolean
}

/** A panel's picture: traces for plotly.js, the ends of its lines, and what is said of it. */
export interface Picture {
  traces: Plotly[]
  ends: End[]
  yaxis: Plotly
  secondAxis?: Plotly | null
  shapes?: Plotly[]
  takeaway: string
  empty: string
}

/** `faint`: opacity of what lies behind. */
export type LiveTheme = Theme & { faint: number }

export type Draw = (store: Store, tasks: DrawnTask[], options: Options, theme: LiveTheme) => Picture
