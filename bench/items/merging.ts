import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchOptions } from "../compare.js";
import type { Figure } from "../figure.js";
import { median } from "../median.js";
import { modelFolder } from "../model-folder.js";
import { buildFolder, repository } from "../paths.js";
import { runProgram, type ProgramRun } from "../run-program.js";
import { sizes } from "../sizes.js";
import type { Item } from "./item.js";

/** A configuration and the folder `out-NAME` of its result. */
interface Step {
  readonly out: string;
  readonly text: string;
}

/** The steps of a method, one after the other. */
interface Work {
  readonly ours: readonly Step[];
  /** Null: those of another method. */
  readonly peer: readonly Step[] | null;
}

const folder = join(buildFolder, "merging");
const strata = join(repository, "dist/cli/main.js");
const outOf = (name: string) => join(folder, `out-${name}`);

function workOf(models: readonly string[]): Readonly<Record<string, Work>> {
  const [base, ...others] = models;
  const slerp = (a: string, b: string, more = {}) =>
    JSON.stringify({
      ...more,
      merge_method: "slerp",
      base_model: a,
      models: [{ model: a }, { model: b }],
      parameters: { t: 0.5 },
      dtype: "bfloat16",
    });
  const both = (config: object): Work => {
    const steps = [{ out: "merged", text: JSON.stringify(config) }];
    return { ours: steps, peer: steps };
  };
  const taskVectors = (method: string) =>
    both({
      merge_method: method,
      base_model: base,
      models: others.map((model) => ({ model, parameters: { weight: 0.5, density: 0.5 } })),
      dtype: "bfloat16",
    });
  const [left, right] = [models.slice(0, 2), models.slice(2)];
  const tree = ["---", slerp(left[0], left[1], { name: "left" }), "---", slerp(right[0], right[1], { name: "right" })];
  const inTurn = [
    { out: "left", text: slerp(left[0], left[1]) },
    { out: "right", text: slerp(right[0], right[1]) },
    { out: "merged", text: slerp(outOf("left"), outOf("right")) },
  ];
  return {
    linear: both({
      merge_method: "linear",
      models: models.map((model) => ({ model, parameters: { weight: 0.25 } })),
      dtype: "bfloat16",
    }),
    slerp: { ours: [{ out: "merged", text: [...tree, "---", slerp("left", "right")].join("\n") }], peer: inTurn },
    "slerp-in-turn": { ours: inTurn, peer: null },
    ties: taskVectors("ties"),
    dare_ties: taskVectors("dare_ties"),
  };
}

/**
 * Merges of four checkpoints of B (2.5 GB each in bf16) by the commands, beside `cp` of the same four files and beside
 * mergekit, if this Python has it. The rate is that of the four files' bytes. The tree of SLERP is one file of three
 * documents; `slerp-in-turn` is the same by three commands, which write and read two more checkpoints, as mergekit
 * does. Files that earlier runs wrote are flushed before each measurement.
 */
export const mergingItem: Item = {
  name: "merging",
  what: "four checkpoints of B merged by linear, a tree of slerp, ties, dare_ties; beside cp and mergekit",
  isHeavy: true,
  async measure({ options }) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const { config, stored } = sizes.B;
    const models: string[] = [];
    for (const variant of [0, 1, 2, 3]) models.push(await modelFolder("B", config, stored, variant));
    const files = models.map((model) => join(model, "model.safetensors"));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const runs = await measureRounds(options, workOf(models), files);
    rmSync(folder, { recursive: true, force: true });
    return Object.keys(workOf(models)).flatMap((method) => figuresOf(method, bytes, runs));
  },
};

/** By `cp`, `ours METHOD` and `peer METHOD`. */
type Runs = ReadonlyMap<string, readonly ProgramRun[]>;

async function measureRounds(
  { rounds, threads, peer, onProgress }: BenchOptions,
  work: Readonly<Record<string, Work>>,
  files: readonly string[],
): Promise<Runs> {
  const runs = new Map<string, ProgramRun[]>();
  const add = (name: string, run: ProgramRun) => {
    runs.set(name, [...(runs.get(name) ?? []), run]);
    onProgress(`merging: ${name}: ${run.seconds.toFixed(1)} s, ${(run.peakBytes / 1e9).toFixed(2)} GB`);
  };
  const python = peer !== null && hasMergekit(peer.program.command, peer.program.environment) ? peer.program : null;
  for (let round = 0; round < rounds; round++) {
    const copy = join(folder, "copy");
    mkdirSync(copy);
    const copies = files.map((file, i) => ({
      command: "cp",
      parameters: [file, join(copy, `${i}`)],
      environment: process.env,
    }));
    add("cp", await inOrder(copies));
    rmSync(copy, { recursive: true });
    for (const [method, { ours, peer: others }] of Object.entries(work)) {
      const program = { command: process.execPath, environment: process.env };
      const commands = ours.map((step, i) => [strata, "merge", written(method, step, i), outOf(step.out)]);
      add(
        `ours ${method}`,
        await inOrder(
          commands.map((parameters) => ({ ...program, parameters: [...parameters, "--threads", `${threads}`] })),
        ),
      );
      if (python === null || others === null) continue;
      const theirs = others.map((step, i) => ({
        ...python,
        parameters: [
          "-m",
          "mergekit.scripts.run_yaml",
          written(method, step, i),
          outOf(step.out),
          "--no-copy-tokenizer",
        ],
      }));
      add(`peer ${method}`, await inOrder(theirs));
    }
  }
  return runs;
}

/** Writes a configuration. @returns its file */
function written(method: string, { text }: Step, i: number): string {
  const path = join(folder, `${method}-${i}.yml`);
  writeFileSync(path, text);
  return path;
}

/** Sum of the durations and largest memory; the outputs of merges are removed. */
async function inOrder(programs: readonly Parameters<typeof runProgram>[0][]): Promise<ProgramRun> {
  execFileSync("sync");
  let [seconds, peakBytes] = [0, 0];
  for (const program of programs) {
    const run = await runProgram(program);
    seconds += run.seconds;
    peakBytes = Math.max(peakBytes, run.peakBytes);
  }
  for (const name of readdirSync(folder).filter((out) => out.startsWith("out-")))
    rmSync(join(folder, name), { recursive: true });
  return { seconds, peakBytes };
}

function hasMergekit(python: string, environment: NodeJS.ProcessEnv): boolean {
  try {
    execFileSync(python, ["-c", "import mergekit"], { env: environment, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function figuresOf(method: string, bytes: number, runs: Runs): Figure[] {
  const peerMethod = method === "slerp-in-turn" ? "slerp" : method;
  const [copy, ours, peer] = ["cp", `ours ${method}`, `peer ${peerMethod}`].map((name) => runs.get(name) ?? []);
  const rate = (of: readonly ProgramRun[]) =>
    of.length === 0 ? null : bytes / 1e9 / median(of.map(({ seconds }) => seconds));
  const memory = (of: readonly ProgramRun[]) =>
    of.length === 0 ? null : median(of.map(({ peakBytes }) => peakBytes)) / 1e9;
  const figure = (name: string, unit: string, own: number | null, other: number | null, peerMode: string): Figure => ({
    name,
    unit,
    ours: own,
    peer: other,
    ratio: own === null || other === null ? null : own / other,
    ourMode: "strata merge",
    peerMode,
  });
  return [
    figure(`merge-cp-${method}`, "GB/s", rate(ours), rate(copy), "cp"),
    figure(`merge-rate-${method}`, "GB/s", rate(ours), rate(peer), "mergekit"),
    figure(`merge-memory-${method}`, "GB", memory(ours), memory(peer), "mergekit"),
  ];
}
