// Where in a run the viewer stands: at a moment, at its newest one, or moving at a speed.
(function () {
  "use strict";

  const viewer = (window.SwiftViewer = window.SwiftViewer || {});

  const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

  // `current` gives {data, isGrowing}; `onMove` is called whenever another moment is to be shown.
  function createPlayer(current, onMove) {
    let moment = 0;
    let time = 0;
    let speed = 1;
    let isPlaying = false;
    let isFollowing = true;
    let lastFrame = null;

    function stand(newMoment, newTime) {
      const { data, isGrowing } = current();
      moment = Math.max(0, Math.min(newMoment, data.times.length));
      time = newTime;
      // At the end of a run that still grows one follows it on, as at the end of a finished one.
      isFollowing = moment === data.times.length && (isGrowing ? isFollowing || isPlaying : true);
      onMove();
    }

    function tick(now) {
      if (!isPlaying) return;
      const { data } = current();
      const end = viewer.run.endTime(data);
      const passed = lastFrame === null ? 0 : (now - lastFrame) / 1000;
      lastFrame = now;
      const newTime = Math.min(end, time + passed * speed);
      stand(newTime >= end ? data.times.length : viewer.run.momentAt(data, newTime), newTime);
      if (newTime >= end) pause();
      else requestAnimationFrame(tick);
    }

    function play() {
      const { data } = current();
      if (isPlaying || !data.times.length) return;
      if (moment >= data.times.length) {
        moment = 0;
        time = 0;
      }
      isPlaying = true;
      isFollowing = false;
      lastFrame = null;
      onMove();
      requestAnimationFrame(tick);
    }

    function pause() {
      isPlaying = false;
      onMove();
    }

    // To a moment by hand: a growing run is no longer followed, even at its newest moment.
    function goTo(newMoment, newTime = null) {
      const { data } = current();
      isPlaying = false;
      isFollowing = false;
      const bounded = Math.max(0, Math.min(newMoment, data.times.length));
      stand(bounded, newTime === null ? viewer.run.timeAt(data, bounded) : newTime);
    }

    function step(kind, direction) {
      const { data } = current();
      goTo(viewer.run[direction > 0 ? "nextMoment" : "previousMoment"](data, kind, moment));
    }

    function follow() {
      const { data } = current();
      isPlaying = false;
      isFollowing = true;
      stand(data.times.length, viewer.run.endTime(data));
    }

    // The run has grown, or another one has begun.
    function grown() {
      if (isFollowing) follow();
      else onMove();
    }

    function reset() {
      moment = 0;
      time = 0;
      isPlaying = false;
      isFollowing = true;
    }

    return {
      play, pause, goTo, step, follow, grown, reset,
      toggle: () => (isPlaying ? pause() : play()),
      seek: (newTime) => goTo(viewer.run.momentAt(current().data, newTime), newTime),
      setSpeed: (newSpeed) => {
        speed = newSpeed;
        onMove();
      },
      now: () => ({ moment, time, isPlaying, isFollowing, speed }),
    };
  }

  viewer.player = { SPEEDS, createPlayer };
})();
