import { join } from "node:path";
import { callNames, compileFaultyDisk, faultyDisk, faultyDiskSkipReason } from "../faulty-disk.mjs";
import { errorProblem } from "../judge-errors.mjs";
import { recordWork } from "../kept-work.mjs";
import { newStore, startRun, stoppedStore } from "../lab.mjs";
import { lost, settle } from "../settle.mjs";

/** Calls that do not need space, so that a full disk does not fail them. */
const freeCalls = new Set(["open", "read", "pread", "unlink", "close"]);

/** What the errors of a run must name. */
const namesOf = (error, call) => {
  if (error === "ENOSPC") return /\(ENOSPC\)/;
  // Node's recursive mkdir reports ENOENT for an error that it does not know.
  return call === "mkdir" ? /\bEIO\b|expected to create the folder/ : /\bEIO\b/;
};

/**
 * Runs that fail on a disk, one after another in one store, and then one with a whole disk.
 *
 * @param diskFaults  `{ call, number, error }` each; see `faultyDisk`
 */
export async function tryDisk(lab, store, diskFaults) {
  lab.library ??= compileFaultyDisk(lab.folder);
  const work = recordWork(store);
  const details = [];
  let hits = 0;
  for (const { call, number, error } of diskFaults) {
    const disk = faultyDisk(lab.library, `${store}-control`, store, { call, number, error });
    const ended = await startRun(lab, store, disk.environment).ended;
    const isHit = Object.values(disk.failures()).some((count) => count > 0);
    if (isHit) hits++;
    details.push(`${error} at ${call} ${number}${isHit ? `: exit ${ended.code}` : " (not reached)"}`);
    work.push(...recordWork(store));
    const problem = ended.hung ? "it hangs" : ended.code === 0 ? null : errorProblem(ended, namesOf(error, call));
    if (problem !== null) return { store, hits, ...lost(`${details.join(", ")}: ${problem}`) };
  }
  const result = await settle(lab, store, work);
  return { store, hits, ...result, detail: `${details.join(", ")}. ${result.detail}` };
}

/** How often a whole run makes each call. */
async function countCalls(lab) {
  lab.library ??= compileFaultyDisk(lab.folder);
  const store = newStore(lab);
  const disk = faultyDisk(lab.library, join(lab.folder, "control-calls"), store);
  const { code, err } = await startRun(lab, store, disk.environment).ended;
  if (code !== 0) throw new Error(`a run with the counting library failed:\n${err}`);
  return disk.calls();
}

/** A random call fails; each kind of call is chosen equally often, in a new store or in that of a stopped run. */
async function tryRandomCall(lab, random, error) {
  lab.calls ??= await countCalls(lab);
  const possible = callNames.filter((name) => lab.calls[name] > 0 && (error === "EIO" || !freeCalls.has(name)));
  const call = random.pick(possible);
  const isNew = random.chance(0.7);
  const store = isNew ? newStore(lab) : await stoppedStore(lab, random);
  const number = 1 + random.integer(lab.calls[call] * (isNew ? 0.95 : 0.3));
  return { ...(await tryDisk(lab, store, [{ call, number, error }])), call };
}

export const fullDisk = {
  name: "enospc",
  title: "full disk (ENOSPC) from a random call on",
  count: 30,
  skipReason: faultyDiskSkipReason,
  run: (lab, random) => tryRandomCall(lab, random, "ENOSPC"),
};

export const brokenDisk = {
  name: "eio",
  title: "EIO at one random call",
  count: 40,
  skipReason: faultyDiskSkipReason,
  run: (lab, random) => tryRandomCall(lab, random, "EIO"),
};
