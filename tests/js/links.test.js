// A link says which run, moment and speed; what it says wrong is named in a sentence.
import assert from "node:assert/strict";
import { it } from "node:test";
import { queryOf, wishesOf } from "../../swift_demo/viewer/static/links.js";
import { SPEEDS } from "../../swift_demo/viewer/static/player.js";
import { emptyRun, merge, numEvents } from "../../swift_demo/viewer/static/run.js";
import { madeChunk } from "./made.js";

const data = emptyRun();
merge(data, madeChunk(1));
const now = (more) => ({ data, link: { run: "story" }, moment: 12, isFollowing: false, speed: 1, ...more });

it("leads back to the run, the moment and the speed that were shown", () => {
  for (const link of [{}, { run: "story" }]) {
    for (const speed of SPEEDS) {
      for (const moment of [0, 7, numEvents(data)]) {
        const shown = now({ link, moment, speed });
        const query = queryOf("", shown);
        assert.deepEqual(wishesOf(query, shown), { notices: [], moment, ...(speed !== 1 && { speed }) });
        assert.equal(new URLSearchParams(query).get("run"), link.run ?? null);
        assert.equal(queryOf(query, shown), query);
      }
    }
  }
});

it("names no moment while the newest one is shown, for a task, and where no link leads", () => {
  assert.equal(queryOf("", now({ isFollowing: true })), "run=story");
  assert.equal(queryOf("", now({ link: { preset: "code" } })), "preset=code");
  assert.equal(queryOf("", now({ link: null })), "");
});

it("forgets what was shown before and keeps what others put there", () => {
  const query = queryOf("?__theme=dark&run=old&moment=3&speed=4&preset=code", now());
  assert.equal(query, "__theme=dark&run=story&moment=12");
});

it("names a moment that is none, with the greatest one", () => {
  for (const text of ["soon", "-1", "1.5", "1e1", "", String(numEvents(data) + 1)]) {
    const { notices, ...rest } = wishesOf(new URLSearchParams({ moment: text }), now());
    assert.deepEqual(rest, {});
    assert.equal(notices.length, 1);
    assert.ok(notices[0].includes(`\u201c${text}\u201d`) && notices[0].includes(`0 to ${numEvents(data)}`));
  }
});

it("names a speed that is none, with those that are", () => {
  for (const text of ["3", "fast", ""]) {
    const { notices, ...rest } = wishesOf(new URLSearchParams({ speed: text }), now());
    assert.deepEqual(rest, {});
    assert.ok(notices[0].includes(`\u201c${text}\u201d`) && notices[0].includes(SPEEDS.join(", ")));
  }
});

it("says both where both are wrong, and repeats little of it", () => {
  const { notices } = wishesOf(`moment=${"9".repeat(500)}&speed=${"x".repeat(500)}`, now());
  assert.equal(notices.length, 2);
  for (const notice of notices) assert.ok(notice.length < 150);
});

it("asks for no moment of a task's run", () => {
  assert.deepEqual(wishesOf("moment=soon", now({ link: { preset: "code" } })), { notices: [] });
});
