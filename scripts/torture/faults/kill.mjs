import { recordWork } from "../kept-work.mjs";
import { newStore, startRun } from "../lab.mjs";
import { errorProblem } from "../judge-errors.mjs";
import { describeProcess, signal } from "../processes.mjs";
import { lost, settle } from "../settle.mjs";

/** In one store; then the run is left alone, so that it ends. */
const killsPerStore = 8;

/** kill -9 of a random process of the run, at random moments, until `kills` hit or the run is done. */
export async function tryKills(lab, random, kills = killsPerStore) {
  const store = newStore(lab);
  const killed = [];
  const work = [];
  for (let isDone = false; !isDone && killed.length < kills;) {
    const run = startRun(lab, store);
    while (killed.length < kills && !(await run.endsWithin(random.between(0.1, 0.7) * lab.seconds))) {
      const candidates = [...run.processes(), ...lab.executor.others()];
      if (candidates.length === 0) continue;
      const pid = random.pick(candidates);
      const name = describeProcess(pid);
      if (signal(pid, "SIGKILL")) killed.push(name);
      await lab.executor.heal();
    }
    const ended = await run.ended;
    work.push(...recordWork(store));
    isDone = ended.code === 0;
    const problem = ended.hung ? "it hangs" : isDone || ended.code === null ? null : errorProblem(ended, /SIGKILL/);
    if (problem !== null) return { store, hits: killed.length, ...lost(`after kill of ${killed.at(-1)}: ${problem}`) };
  }
  const result = await settle(lab, store, work);
  return { store, hits: killed.length, ...result, detail: `${result.detail} killed: ${killed.join(", ")}`.trim() };
}

export const kill = { name: "kill", title: "kill -9 of a process", count: 100, run: tryKills };
