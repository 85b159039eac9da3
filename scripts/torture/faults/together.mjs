import { setTimeout as sleep } from "node:timers/promises";
import { errorProblem } from "../judge-errors.mjs";
import { newStore, startRun } from "../lab.mjs";
import { describeProcess, signal } from "../processes.mjs";
import { lost, settle } from "../settle.mjs";

/** Two or three runs of the recipe at once in one store, and kill -9 of a process of the first one. */
export async function tryTogether(lab, random, count = 2 + random.integer(2)) {
  const store = newStore(lab);
  const runs = [];
  for (let i = 0; i < count; i++) {
    runs.push(startRun(lab, store));
    await sleep(1000 * random.between(0, 0.2 * lab.seconds));
  }
  await runs[0].endsWithin(random.between(0.1, 0.8) * lab.seconds);
  const processes = runs[0].processes();
  const pid = processes.length > 0 ? random.pick(processes) : null;
  const name = pid === null ? "none" : describeProcess(pid);
  if (pid !== null) signal(pid, "SIGKILL");
  const detail = `${count} runs, of the first killed: ${name}`;
  const [first, ...others] = await Promise.all(runs.map(({ ended }) => ended));
  const problem =
    (first.hung && "it hangs") || (first.code > 0 && errorProblem(first, pid !== null ? /SIGKILL/ : /./)) || null;
  if (problem) return { store, hits: 1, ...lost(`${detail}: the first: ${problem}`) };
  const failed = others.find(({ code }) => code !== 0);
  if (failed !== undefined) return { store, hits: 1, ...lost(`${detail}: another: ${failed.err || "it hangs"}`) };
  const result = await settle(lab, store);
  return { store, hits: 1, ...result, detail: `${detail}. ${result.detail}` };
}

export const together = { name: "together", title: "two or three runs at once", count: 8, run: tryTogether };
