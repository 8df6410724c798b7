// Where the viewer stands in a run: at its newest moment, where one's own hand put it, or under way.
import assert from "node:assert/strict";
import { it } from "node:test";
import { createPlayer } from "../../swift_demo/viewer/static/player.js";
import { emptyRun, endTime, merge, momentAt, numEvents } from "../../swift_demo/viewer/static/run.js";
import { FakeTime } from "./fake_time.js";
import { madeChunk, madeChunks } from "./made.js";

const SEED = 3;
const PACE = 0.1;
const NEARLY = 0.11; // seconds between two pictures, at a speed of 1

class Shown {
  data = emptyRun();
  isGrowing = false;
  numMoves = 0;

  constructor(chunks, isGrowing = false) {
    this.isGrowing = isGrowing;
    this.player = createPlayer(() => this, () => { this.numMoves += 1; });
    this.grow(...chunks);
  }

  grow(...chunks) {
    for (const chunk of chunks) merge(this.data, chunk);
    this.player.grown();
  }

  get now() {
    return this.player.now();
  }

  get isAtNewest() {
    return this.now.moment === numEvents(this.data) && this.now.time === endTime(this.data);
  }
}

const whole = () => new Shown([madeChunk(SEED)]);
const live = (numChunks = 2) => new Shown(madeChunks(SEED).slice(0, numChunks), true);

function near(one, other, most = NEARLY) {
  assert.ok(Math.abs(one - other) <= most, `${one} is not near ${other}`);
}

function during(name, work) {
  it(name, () => FakeTime.run(work));
}

during("a run that grows is followed as it comes", () => {
  const shown = live(2);
  assert.ok(shown.isAtNewest && shown.now.isFollowing);
  shown.grow(madeChunks(SEED)[2]);
  assert.ok(shown.isAtNewest);
});

during("who goes to a moment of a growing run is left there, even at its newest", () => {
  for (const share of [0.3, 1]) {
    const shown = live(2);
    const moment = Math.round(share * numEvents(shown.data));
    shown.player.goTo(moment);
    shown.grow(madeChunks(SEED)[2]);
    assert.equal(shown.now.moment, moment);
    assert.equal(shown.now.isFollowing, false);
    shown.player.follow();
    shown.grow(madeChunks(SEED)[3]);
    assert.ok(shown.isAtNewest);
  }
});

during("moments are kept inside the run", () => {
  const shown = whole();
  shown.player.goTo(-5);
  assert.deepEqual([shown.now.moment, shown.now.time], [0, 0]);
  shown.player.goTo(1e6);
  assert.ok(shown.isAtNewest && shown.now.isFollowing);
});

during("play goes from the end to the start and on to the end, at the chosen speed", (time) => {
  for (const speed of [0.5, 1, 4]) {
    const shown = whole();
    const seconds = endTime(shown.data) / speed;
    shown.player.setSpeed(speed);
    shown.player.toggle();
    assert.equal(shown.now.moment, 0);
    time.pass(seconds / 2);
    near(shown.now.time, endTime(shown.data) / 2, speed * NEARLY);
    assert.equal(shown.now.moment, momentAt(shown.data, shown.now.time));
    assert.ok(shown.now.isPlaying && !shown.now.isFollowing);
    time.pass(seconds / 2 + NEARLY);
    assert.ok(shown.isAtNewest && !shown.now.isPlaying && shown.now.isFollowing);
    assert.ok(time.isIdle);
  }
});

during("a pause holds the picture, and play goes on from there", (time) => {
  const shown = whole();
  shown.player.play();
  time.pass(1);
  shown.player.toggle();
  const there = shown.now.time;
  time.pass(1);
  assert.equal(shown.now.time, there);
  shown.player.toggle();
  time.pass(1);
  near(shown.now.time, there + 1);
});

during("a step on and one back meet", () => {
  const shown = whole();
  shown.player.goTo(0);
  for (const kind of ["token", "round", "trial"]) {
    shown.player.step(kind, 1);
    shown.player.step(kind, 1);
    const there = shown.now;
    shown.player.step(kind, 1);
    shown.player.step(kind, -1);
    assert.deepEqual(shown.now, there);
  }
});

during("a slider's time stays as it was given, and its moment is the one shown then", () => {
  const shown = whole();
  shown.player.seek(2.34);
  assert.equal(shown.now.time, 2.34);
  assert.equal(shown.now.moment, momentAt(shown.data, 2.34));
});

during("at a pace of its own a live run stays behind, waits where it caught up, and arrives", (time) => {
  const chunks = madeChunks(SEED);
  const shown = new Shown([], true);
  shown.player.keepPace(PACE);
  shown.grow(...chunks.slice(0, 2));
  const first = endTime(shown.data);
  time.pass(0.5 * first / PACE);
  near(shown.now.time, 0.5 * first, 2 * PACE * NEARLY);
  assert.ok(shown.now.isFollowing && shown.now.pace === PACE);
  time.pass(2 * first / PACE);
  assert.equal(shown.now.time, first); // no further than what was computed
  shown.grow(...chunks.slice(2));
  time.pass(1);
  near(shown.now.time, first + PACE, 2 * PACE * NEARLY);
  shown.isGrowing = false;
  time.pass(endTime(shown.data) / PACE);
  assert.ok(shown.isAtNewest && shown.now.pace === null && shown.now.isFollowing && time.isIdle);
});

during("one's own hand ends the pace, and only a run that is followed takes one", (time) => {
  const shown = live(3);
  shown.player.keepPace(PACE);
  shown.player.goTo(2);
  time.pass(5);
  assert.deepEqual([shown.now.moment, shown.now.pace], [2, null]);
  shown.player.keepPace(PACE);
  assert.equal(shown.now.pace, null);
  shown.player.follow();
  assert.ok(shown.isAtNewest);
});

during("a paced run may be paused, and goes on at its pace", (time) => {
  const shown = new Shown([], true);
  shown.player.keepPace(PACE);
  shown.grow(madeChunk(SEED));
  time.pass(3);
  shown.player.pause();
  const there = shown.now.time;
  time.pass(3);
  assert.equal(shown.now.time, there);
  shown.player.play();
  time.pass(2);
  near(shown.now.time, there + 2 * PACE, 2 * PACE * NEARLY);
});

during("another run begins at its start and is followed", () => {
  const shown = whole();
  shown.player.setSpeed(2);
  shown.player.goTo(4);
  shown.player.reset();
  const { speed, ...rest } = shown.now;
  assert.deepEqual(rest, { moment: 0, time: 0, isPlaying: false, isFollowing: true, pace: null });
  assert.equal(speed, 2); // one's own choice stays
});

during("nothing to play stands still", (time) => {
  const shown = new Shown([]);
  shown.player.play();
  assert.ok(!shown.now.isPlaying && time.isIdle);
});
