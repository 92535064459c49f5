// Whether a run goes on by itself: a page of one that does not asks the server for nothing, so it must be woken.

const OVER = ['finished', 'stopped', 'failed', 'crashed']

/** @param {string} status of the run */
export const isOver = status => OVER.includes(status)

/** Hears a run's states and says once when one that was over goes on again. */
export class Pulse {
  over = false

  /** @param {() => void} wake */
  constructor(wake) {
    this.wake = wake
  }

  /** @param {string} status empty: nothing is known yet */
  hear(status) {
    const was = this.over
    if (status) this.over = isOver(status)
    if (was && !this.over) this.wake()
  }

  /** Another run is shown. */
  forget() {
    this.over = false
  }
}
