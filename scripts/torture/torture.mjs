// Disturbs runs of a small recipe and compares their results with those of an undisturbed run: see docs/reliability.md.
// Exit status: 0 nothing lost, 1 something lost (its store is kept), 2 failed.
import { rmSync, writeFileSync } from "node:fs";
import { cpus, hostname } from "node:os";
import { parseArgs } from "node:util";
import { faults } from "./faults.mjs";
import { formatResults, formatSeconds } from "./format-results.mjs";
import { closeLab, openLab } from "./lab.mjs";
import { localSkipReason, openLocal } from "./local.mjs";
import { createRandom } from "./random.mjs";
import { openSlurm, slurmSkipReason } from "./slurm.mjs";

const executors = {
  local: { open: openLocal, skipReason: localSkipReason },
  slurm: { open: openSlurm, skipReason: slurmSkipReason },
};

const usage = `npm run torture [-- OPTIONS]: disturbs runs of a small recipe; see docs/reliability.md

  --faults NAMES    of ${faults.map(({ name }) => name).join()} (default: all)
  --count N         faults of each kind (default: of each its own number)
  --seed S          of what is disturbed (default: 1)
  --executor NAME   ${Object.keys(executors).join(" or ")} (default: local)
  --only TRIAL      one trial, by its number
  --json FILE       writes what happened in each trial`;

/** Null if the help was asked for. */
function readOptions() {
  const { values } = parseArgs({
    options: {
      faults: { type: "string", default: faults.map(({ name }) => name).join() },
      count: { type: "string" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      executor: { type: "string", default: "local" },
      json: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return null;
  const chosen = values.faults.split(",").map((name) => {
    const fault = faults.find((fault) => fault.name === name);
    if (fault === undefined) throw new Error(`--faults ${name} — expected ${faults.map(({ name }) => name).join()}`);
    return fault;
  });
  if (!Object.hasOwn(executors, values.executor)) throw new Error("--executor — expected local or slurm");
  return { ...values, chosen };
}

/** Tries one fault until it has hit often enough. */
async function tryFault(lab, fault, { seed, count, only }, report) {
  const goal = Number(count ?? fault.count);
  let hits = 0;
  for (let index = 0; hits < goal && index < 3 * goal; index++) {
    if (only !== undefined && index !== Number(only)) continue;
    const started = performance.now();
    const trial = await fault.run(lab, createRandom(seed, fault.name, index));
    const seconds = (performance.now() - started) / 1000;
    hits += trial.hits;
    report({ fault: fault.name, index, seconds, ...trial }, hits, goal);
    if (trial.outcome !== "lost") rmSync(trial.store, { recursive: true, force: true });
    if (only !== undefined) return;
  }
}

async function main() {
  const options = readOptions();
  if (options === null) {
    console.log(usage);
    return 0;
  }
  const { open, skipReason } = executors[options.executor];
  const reason = skipReason();
  if (reason !== null) {
    console.log(`skipped: ${options.executor}: ${reason}`);
    return 0;
  }
  const lab = await openLab(open);
  console.log(`an undisturbed run takes ${formatSeconds(lab.seconds)}; seed ${options.seed}; ${lab.folder}`);
  process.once("SIGINT", () => void closeLab(lab).then(() => process.exit(130)));
  const trials = [];
  const chosen = options.chosen.map((fault) => {
    const skipped = fault.skipReason?.(lab) ?? undefined;
    return skipped === undefined ? fault : { ...fault, skipped };
  });
  for (const fault of chosen.filter(({ skipped }) => skipped === undefined)) {
    const started = performance.now();
    await tryFault(lab, fault, options, (trial, hits, goal) => {
      trials.push(trial);
      const left = hits === 0 ? 0 : ((performance.now() - started) / 1000 / hits) * Math.max(0, goal - hits);
      console.log(`${fault.name} ${hits}/${goal} ${trial.outcome} ${trial.detail} (${formatSeconds(left)} left)`);
      if (trial.outcome !== "lost") return;
      const again = `--faults ${fault.name} --seed ${options.seed} --only ${trial.index}`;
      console.log(`  kept: ${trial.store}\n  again: npm run torture -- ${again} --executor ${options.executor}`);
    });
  }
  const isLost = trials.some(({ outcome }) => outcome === "lost");
  console.log(`\n${formatResults(chosen, trials)}`);
  if (options.json !== undefined) writeJson(options, chosen, trials);
  await closeLab(lab, isLost);
  return isLost ? 1 : 0;
}

function writeJson({ json, seed, executor }, chosen, trials) {
  const machine = `${hostname()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`;
  const skipped = chosen.filter((fault) => fault.skipped !== undefined).map(({ name, skipped }) => ({ name, skipped }));
  writeFileSync(json, `${JSON.stringify({ date: new Date(), machine, seed, executor, skipped, trials }, null, 2)}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
