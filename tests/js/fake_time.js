// A browser's time that the test moves: frames, timers and the clock that they read.

const FRAME_MS = 16;

export class FakeTime {
  #now = 0;
  #queue = [];
  #number = 0;

  // While `work` runs, which must not wait for anything, time stands still unless it moves it.
  static run(work) {
    const time = new FakeTime();
    const kept = { requestAnimationFrame: globalThis.requestAnimationFrame, setTimeout: globalThis.setTimeout,
      clearTimeout: globalThis.clearTimeout, performance: globalThis.performance };
    Object.assign(globalThis, {
      requestAnimationFrame: (act) => time.#later(FRAME_MS, () => act(time.#now)),
      setTimeout: (act, ms) => time.#later(ms, act),
      clearTimeout: (number) => { time.#queue = time.#queue.filter((entry) => entry.number !== number); },
      performance: { now: () => time.#now },
    });
    try {
      work(time);
    } finally {
      Object.assign(globalThis, kept);
    }
  }

  #later(ms, act) {
    this.#number += 1;
    this.#queue.push({ number: this.#number, at: this.#now + ms, act });
    return this.#number;
  }

  // Lets seconds pass, and all happen that is due by then.
  pass(seconds) {
    const end = this.#now + 1000 * seconds;
    for (;;) {
      const [next] = this.#queue.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.#queue = this.#queue.filter((entry) => entry !== next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
    this.#now = end;
  }

  get isIdle() {
    return this.#queue.length === 0;
  }
}
