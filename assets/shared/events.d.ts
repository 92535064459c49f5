// Made of core/events/events.py by tests/event_types.py; do not edit.

export interface BoundMoved {
  step: number
  kind: 'bound_moved'
  stage: number
  reference_loss: (number | null)[]
  bound: (number | null)[]
  bound_train: (number | null)[]
  tolerance: (number | null)[]
}

export interface Changed {
  step: number
  kind: 'changed'
  what: string
  old: string
  new: string
}

export interface Compass {
  tasks: number[]
  gradients: [number, number][]
  update: [number, number]
  kept: number
}

export interface Evaluated {
  step: number
  kind: 'evaluated'
  stage: number
  phase: 'together' | 'main' | 'reference'
  loss: (number | null)[]
  metric: (number | null)[]
  measures: Record<string, number>
  violation: (number | null)[]
  feasible: boolean
  best: boolean
}

export interface Finished {
  step: number
  kind: 'finished'
  version: number
  seconds: number
  tasks: Record<string, TaskResult>
  measures: Record<string, number>
}

export interface Probed {
  step: number
  kind: 'probed'
  stage: number
  pairs: [number, number][]
  cosine: (number | null)[]
  error: (number | null)[]
  interval: (number | null)[]
  norm: (number | null)[]
  magnitude_similarity: (number | null)[]
  transference: (number | null)[][]
  transference_first_order: (number | null)[][]
  layers: Record<string, (number | null)[]>
  resting: number | null
  resting_error: number | null
  compass: Compass | null
}

export interface StageFinished {
  step: number
  kind: 'stage_finished'
  stage: number
  phase: 'together' | 'main' | 'reference'
  objective: string[]
  reason: string
  kept_step: number
  loss: (number | null)[]
  bound: (number | null)[]
  violation: (number | null)[]
  multiplier: (number | null)[]
  found: boolean
  gain: number | null
}

export interface StageStarted {
  step: number
  kind: 'stage_started'
  stage: number
  phase: 'together' | 'main' | 'reference'
  objective: string[]
  constraints: string[]
  reference_loss: (number | null)[]
  bound: (number | null)[]
  bound_train: (number | null)[]
  tolerance: (number | null)[]
}

export interface Started {
  step: number
  kind: 'started'
  version: number
  tasks: string[]
  task_kinds: string[]
  base_loss: number[]
  constant_loss: (number | null)[]
  priority: string[]
  device: string
  device_reason: string
  parameters: number
  rows: Record<string, number>
  most_steps: number
}

export interface Step {
  step: number
  kind: 'step'
  stage: number
  loss: (number | null)[]
  multiplier: (number | null)[]
  weight: (number | null)[]
  violation: (number | null)[]
  violation_train: (number | null)[]
  seconds: number
  pairs: [number, number][]
  last_layer_cosine: (number | null)[]
  correction: number | null
}

export interface TaskResult {
  kind: string
  loss: number | null
  metric: number | null
  validation_loss: number | null
  bound: number | null
  violation: number | null
  multiplier: number | null
  single_task_loss: number | null
  single_task_metric: number | null
}

export type Event = Started | StageStarted | Step | Evaluated | Probed | Changed | BoundMoved | StageFinished | Finished
