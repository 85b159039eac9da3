import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorProblem } from "../judge-errors.mjs";
import { newStore, startRun } from "../lab.mjs";
import { describeProcess, signal } from "../processes.mjs";
import { lost, settle } from "../settle.mjs";

const hostVariable = "STRATA_HOST";
/** After this time without a sign of life, the holder of a lock on another host counts as gone. */
const goneSeconds = 90;

/**
 * SIGSTOP of a process of a run, or of all, for some time, while a second run of the recipe works in the store.
 *
 * @param seconds  how long
 * @param hosts  the names of the hosts of both runs, if they claim to be on two
 */
export async function tryStop(lab, random, seconds, hosts) {
  const store = newStore(lab);
  const environmentOf = (i) => (hosts === undefined ? {} : { [hostVariable]: hosts[i] });
  const first = startRun(lab, store, environmentOf(0));
  await first.endsWithin(random.between(0.1, 0.5) * lab.seconds);
  const all = first.processes();
  const chosen = random.chance(0.4) ? all : all.slice(random.integer(all.length)).slice(0, 1);
  const stopped = chosen.filter((pid) => signal(pid, "SIGSTOP"));
  const detail = `${stopped.map(describeProcess).join(", ") || "nothing"} stopped for ${seconds.toFixed(0)} s`;
  await sleep(1000);
  const second = startRun(lab, store, environmentOf(1));
  await sleep(1000 * seconds);
  for (const pid of stopped) signal(pid, "SIGCONT");
  const [one, two] = await Promise.all([first.ended, second.ended]);
  const hits = stopped.length > 0 ? 1 : 0;
  const problem =
    (one.hung && "it hangs") ||
    (one.code !== 0 && (hosts === undefined ? one.err : errorProblem(one, /\block\b/))) ||
    (two.code !== 0 && `the second run: ${two.err || "it hangs"}`);
  if (problem) return { store, hits, ...lost(`${detail}: ${problem}`) };
  const result = await settle(lab, store);
  return { store, hits, ...result, detail: `${detail}. ${result.detail}` };
}

/** @returns why runs cannot claim to be on two hosts, or null */
export function hostSkipReason() {
  const dist = join(import.meta.dirname, "../../../dist");
  const reads = readdirSync(dist, { recursive: true, encoding: "utf8" }).some(
    (name) => name.endsWith(".js") && readFileSync(join(dist, name), "utf8").includes(hostVariable),
  );
  return reads ? null : `this version does not read ${hostVariable}`;
}

export const stop = {
  name: "stop",
  title: "SIGSTOP for up to two minutes, a second run on the same host",
  count: 6,
  run: (lab, random) => tryStop(lab, random, random.between(2, 120)),
};

export const stopElsewhere = {
  name: "stop-elsewhere",
  title: "SIGSTOP for two to three minutes, a second run on another host",
  count: 4,
  skipReason: hostSkipReason,
  run: (lab, random) => tryStop(lab, random, random.between(goneSeconds + 30, 2 * goneSeconds), ["first", "second"]),
};
