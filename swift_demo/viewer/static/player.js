// Where in a run the viewer is: at a moment, at the newest one, or moving at a speed. A live run may be
// followed at a pace of its own, slower than it is computed: then the viewer is behind its newest moment.
import { endTime, momentAt, nextMoment, numEvents, previousMoment, timeAt } from "./run.js";

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const PACED_INTERVAL_MS = 100; // slow motion needs few frames

// `current` returns {data, isGrowing}; `onMove` is called whenever another moment is to be shown.
export function createPlayer(current, onMove) {
  let moment = 0;
  let time = 0;
  let speed = 1;
  let pace = null; // at which a live run is followed; null follows it as it comes
  let isPlaying = false;
  let isFollowing = true;
  let lastFrame = null;
  let timer = null;

  const within = (wanted, data) => Math.max(0, Math.min(wanted, numEvents(data)));

  function stand(newMoment, newTime) {
    const { data, isGrowing } = current();
    moment = within(newMoment, data);
    time = newTime;
    // At the end of a run that still grows, the viewer keeps following it, as at the end of a finished one.
    const isAtEnd = moment === numEvents(data);
    isFollowing = pace !== null || (isAtEnd && (isGrowing ? isFollowing || isPlaying : true));
    onMove();
  }

  function tick(now) {
    if (!isPlaying) return;
    const { data, isGrowing } = current();
    const end = endTime(data);
    const passed = lastFrame === null ? 0 : (now - lastFrame) / 1000;
    lastFrame = now;
    const newTime = Math.min(end, time + passed * (pace ?? speed));
    const isAtEnd = newTime >= end;
    stand(isAtEnd ? numEvents(data) : momentAt(data, newTime), newTime);
    if (isAtEnd && (pace === null || !isGrowing)) arrive();
    else move();
  }

  function move() {
    clearTimeout(timer);
    if (pace === null) requestAnimationFrame(tick);
    else timer = setTimeout(() => tick(performance.now()), PACED_INTERVAL_MS);
  }

  function arrive() {
    pace = null;
    pause();
  }

  function play() {
    const { data } = current();
    if (isPlaying || !numEvents(data)) return;
    if (moment >= numEvents(data) && pace === null) {
      moment = 0;
      time = 0;
    }
    isPlaying = true;
    isFollowing = pace !== null;
    lastFrame = null;
    onMove();
    move();
  }

  function pause() {
    isPlaying = false;
    if (pace !== null) isFollowing = false;
    onMove();
  }

  // From now on the run is followed at this pace, unless somebody moves by hand; null follows it as it comes.
  function keepPace(newPace) {
    if (!isFollowing || newPace === pace) return;
    pace = newPace;
    isPlaying = pace !== null;
    lastFrame = null;
    if (isPlaying) move();
  }

  // Moves to a moment by hand: a growing run is then no longer followed, even at its newest moment.
  function goTo(newMoment, newTime = null) {
    const { data } = current();
    pace = null;
    isPlaying = false;
    isFollowing = false;
    const bounded = within(newMoment, data);
    stand(bounded, newTime === null ? timeAt(data, bounded) : newTime);
  }

  function step(kind, direction) {
    const stepped = direction > 0 ? nextMoment : previousMoment;
    goTo(stepped(current().data, kind, moment));
  }

  function follow() {
    const { data } = current();
    pace = null;
    isPlaying = false;
    isFollowing = true;
    stand(numEvents(data), endTime(data));
  }

  // The run has grown, or another one has begun.
  function grown() {
    if (isFollowing && pace === null) follow();
    else onMove();
  }

  function reset() {
    moment = 0;
    time = 0;
    pace = null;
    isPlaying = false;
    isFollowing = true;
  }

  return {
    play, pause, keepPace, goTo, step, follow, grown, reset,
    toggle: () => (isPlaying ? pause() : play()),
    seek: (newTime) => goTo(momentAt(current().data, newTime), newTime),
    setSpeed: (newSpeed) => {
      speed = newSpeed;
      onMove();
    },
    now: () => ({ moment, time, isPlaying, isFollowing, speed, pace }),
  };
}
