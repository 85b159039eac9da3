// The faults of `npm run torture`, a few of each kind and with a smaller recipe, for the test suite.
import { tryClock } from "./faults/clock.mjs";
import { tryDamage } from "./faults/damage.mjs";
import { tryDisk } from "./faults/disk.mjs";
import { tryKills } from "./faults/kill.mjs";
import { tryTogether } from "./faults/together.mjs";
import { faultyDiskSkipReason } from "./faulty-disk.mjs";
import { closeLab, newStore, openLab } from "./lab.mjs";
import { openLocal } from "./local.mjs";
import { createRandom } from "./random.mjs";

/** Each of these runs stops early, so that all together take little longer than one. */
const diskFaults = [
  { call: "write", number: 40, error: "ENOSPC" },
  { call: "rename", number: 30, error: "ENOSPC" },
  { call: "pread", number: 20, error: "EIO" },
  { call: "pwrite", number: 20, error: "EIO" },
];

/** Exists for much of the time that a part trains. */
const checkpoint = /checkpoint\.safetensors$/;

/**
 * Tries until a fault is delivered. Faults come at a part of the time that the undisturbed run took: if other work held
 * that up, the disturbed run has ended before the first of them.
 */
async function untilHit(lab, attempt) {
  const trial = await attempt();
  if (trial.hits > 0 || trial.outcome === "lost") return trial;
  lab.seconds /= 2;
  return untilHit(lab, attempt);
}

/** By name: why it cannot be tried here, and how it is tried. */
export const shortTrials = [
  {
    name: "kill -9 of its processes",
    reason: null,
    run: (lab, random) => untilHit(lab, () => tryKills(lab, random, 2)),
  },
  {
    name: "a full and a broken disk",
    reason: faultyDiskSkipReason(),
    run: (lab) => tryDisk(lab, newStore(lab), diskFaults),
  },
  {
    name: "a bit that flips in its shards",
    reason: null,
    run: (lab, random) => tryDamage(lab, random, { when: checkpoint, how: "flip", matching: /shard-\d+\.tokens$/ }),
  },
  {
    name: "a checkpoint that is cut short",
    reason: null,
    run: (lab, random) => tryDamage(lab, random, { when: checkpoint, how: "cut", matching: checkpoint }),
  },
  {
    name: "jumps of the clock",
    reason: faultyDiskSkipReason(),
    run: (lab, random) => untilHit(lab, () => tryClock(lab, random, 3)),
  },
  { name: "a second run, and kill -9 of the first", reason: null, run: (lab, random) => tryTogether(lab, random, 2) },
];

/** @param parent  where its folder is created */
export const openShortLab = (parent) => openLab(openLocal, { isShort: true, parent });

export { closeLab, createRandom };
