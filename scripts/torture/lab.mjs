// Where runs are disturbed: a folder, a recipe, what an undisturbed run of it gives, and how a run is started.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fingerprint } from "./fingerprint.mjs";
import { markedProcesses, markName, signal } from "./processes.mjs";
import { writeRecipe } from "./recipe.mjs";

/**
 * @param openExecutor  see local.mjs
 * @param isShort  the recipe of the suite, which takes a few seconds
 * @throws Error if the undisturbed run fails
 */
export async function openLab(openExecutor, { isShort = false, parent = tmpdir() } = {}) {
  const folder = mkdtempSync(join(parent, "torture-"));
  const executor = await openExecutor(folder);
  const lab = {
    folder,
    executor,
    recipe: writeRecipe(folder, isShort),
    stores: 0,
    running: new Set(),
    seconds: 0,
    expected: {},
  };
  try {
    const reference = newStore(lab);
    const started = performance.now();
    const ended = await startRun(lab, reference).ended;
    lab.seconds = (performance.now() - started) / 1000;
    if (ended.code !== 0) throw new Error(`the undisturbed run failed:\n${ended.err}`);
    lab.expected = fingerprint(reference);
    lab.reference = reference;
    return lab;
  } catch (error) {
    await closeLab(lab);
    throw error;
  }
}

/** @param keep  whether the folder stays, because of a store in it */
export async function closeLab(lab, keep = false) {
  for (const run of lab.running) run.killAll();
  await lab.executor.close();
  if (!keep) rmSync(lab.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** The path of a new store, which does not exist. */
export function newStore(lab) {
  return join(lab.folder, `store-${++lab.stores}`);
}

/** A store with the finished reference run. */
export function finishedStore(lab) {
  const store = newStore(lab);
  cpSync(lab.reference, store, { recursive: true, preserveTimestamps: true });
  return store;
}

/**
 * A store whose run was interrupted at a random moment, by Ctrl-C or, half the time, by kill -9 of all processes.
 *
 * @param when  kills as soon as a path matches instead; every run must have such a path for a while
 */
export async function stoppedStore(lab, random, when) {
  const store = newStore(lab);
  const run = startRun(lab, store);
  if (when === undefined) await run.endsWithin(random.between(0.25, 0.95) * lab.seconds);
  else while (!hasPath(store, when) && !(await run.endsWithin(0.01)));
  if (when === undefined && random.chance(0.5)) signal(run.pid, "SIGINT");
  else run.killAll();
  await run.ended;
  // Processes that outlive an interrupted run end by themselves.
  while (run.processes().length > 0) await sleep(50);
  if (!existsSync(store)) mkdirSync(store);
  // The file was removed in the moment before the kill.
  return when === undefined || hasPath(store, when) ? store : stoppedStore(lab, random, when);
}

const hasPath = (store, pattern) =>
  existsSync(store) && readdirSync(store, { recursive: true, encoding: "utf8" }).some((path) => pattern.test(path));

/** A run that takes longer than this hangs: 90 s are a lock's longest life without its holder. */
const hangSeconds = (lab) => 150 + 10 * lab.seconds;

/** Starts the command. @param environment  beside that of this process */
export function startRun(lab, store, environment = {}) {
  const { executor, recipe } = lab;
  const mark = `${process.pid}-${performance.now()}`;
  const child = spawn(process.execPath, executor.command(recipe, store), {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ...executor.environment, [markName]: mark, UV_USE_IO_URING: "0", ...environment },
  });
  const run = { pid: child.pid, processes: () => markedProcesses(mark) };
  run.killAll = () => {
    for (const pid of run.processes()) signal(pid, "SIGKILL");
  };
  lab.running.add(run);
  run.ended = new Promise((resolve) => {
    let [out, err, hung] = ["", "", false];
    child.stdout.on("data", (bytes) => (out += bytes));
    child.stderr.on("data", (bytes) => (err += bytes));
    const limit = setTimeout(
      () => {
        hung = true;
        run.killAll();
      },
      hangSeconds(lab) * 1000,
    );
    child.on("exit", (code, signal) => {
      clearTimeout(limit);
      lab.running.delete(run);
      // A worker that outlives the run holds its streams open: what the run itself wrote is here by then.
      setTimeout(() => resolve({ code, signal, out, err, hung }), 20);
    });
  });
  run.endsWithin = (seconds) => Promise.race([run.ended.then(() => true), sleep(seconds * 1000, false)]);
  return run;
}
