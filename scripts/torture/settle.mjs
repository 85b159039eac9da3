import { differences, fingerprint } from "./fingerprint.mjs";
import { errorProblem, followHints } from "./judge-errors.mjs";
import { repeatedWork } from "./kept-work.mjs";
import { startRun } from "./lab.mjs";

/** More errors than this, one after another, are no way out. */
const maxAttempts = 12;

export const survived = (detail = "") => ({ outcome: "survived", detail });
export const named = (detail) => ({ outcome: "named", detail });
export const lost = (detail) => ({ outcome: "lost", detail });

/**
 * Repeats the command of a disturbed run, undisturbed, until it ends by itself with exit code 0, doing what its errors
 * advise; then compares the results with those of the reference.
 *
 * @param work  of `recordWork`: what must not be done again
 * @returns survived: the command continued by itself; named: it refused with an error whose advice led to the same
 *   bytes; lost: anything else
 */
export async function settle(lab, store, work = []) {
  const refusals = [];
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const ended = await startRun(lab, store).ended;
    if (ended.hung) return lost("an undisturbed run hangs");
    if (ended.code === 0) return judgeResults(lab, store, work, refusals);
    const problem = errorProblem(ended);
    if (problem !== null) return lost(`an undisturbed run: ${problem}`);
    const removed = followHints(ended, store).map((path) => path.slice(store.length + 1));
    if (removed.length === 0)
      return lost(`an undisturbed run refuses, and nothing that it advises helps: ${ended.err}`);
    refusals.push(...removed);
  }
  return lost(`still refused after ${maxAttempts} attempts: removed ${refusals.join(", ")}`);
}

function judgeResults(lab, store, work, refusals) {
  const different = differences(lab.expected, fingerprint(store));
  if (different.length > 0) return lost(`the run ends as if done, but these differ: ${different.join(", ")}`);
  const repeated = refusals.length === 0 ? repeatedWork(store, work) : [];
  if (repeated.length > 0) return lost(`finished work was done again: ${repeated.join(", ")}`);
  return refusals.length === 0 ? survived() : named(`removed as advised: ${refusals.join(", ")}`);
}
