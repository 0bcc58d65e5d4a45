// The states of some machines, each with the time it was entered, in ms since the history began.

export class StateHistory {
  constructor() {
    this.began_ = performance.now();
    this.machines_ = {};
  }

  elapsedMs() {
    return performance.now() - this.began_;
  }

  // The same state again is not news.
  note(machine, state) {
    const steps = (this.machines_[machine] ??= []);
    if (steps.at(-1)?.state === state) return false;
    steps.push({ state, at_ms: Math.round(this.elapsedMs() * 10) / 10 });
    return true;
  }

  now(machine) {
    return this.machines_[machine]?.at(-1)?.state;
  }

  // {machine: [{state, at_ms}]}
  snapshot() {
    return structuredClone(this.machines_);
  }
}
