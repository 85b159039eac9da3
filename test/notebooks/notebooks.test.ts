import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readDone } from "../../src/jobs/job-folder.js";
import { carriedRun, type CarriedRun } from "../run/carry-recipe.js";
import { memoryFolder, temporaryFolder } from "../temporary-folder.js";
import { codeCells, runCell } from "./run-notebook.js";

const root = join(import.meta.dirname, "../..");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

const overrides = [
  "training.amount.steps=160",
  "strategies=[slerp-1]",
  "baselines=[]",
  "evaluateAt=[]",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];

/** What a notebook's machine has, in a folder: `strata` as if it were installed, and `google.colab`. */
function standIns(): { readonly bin: string; readonly python: string } {
  const folder = temporaryFolder();
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "strata"), `#!/bin/bash\nexec "${process.execPath}" "${root}/dist/cli/main.js" "$@"\n`);
  chmodSync(join(bin, "strata"), 0o755);
  const colab = join(folder, "python/google/colab");
  mkdirSync(colab, { recursive: true });
  writeFileSync(join(colab, "drive.py"), 'def mount(path):\n    print("Mounted at " + path)\n');
  for (const name of ["..", "."]) writeFileSync(join(colab, name, "__init__.py"), "");
  return { bin, python: join(folder, "python") };
}

const { bin, python } = standIns();
const environment = (host: string, more: Readonly<Record<string, string>>) => ({
  PATH: [bin, join(process.execPath, ".."), process.env.PATH].join(delimiter),
  HOME: temporaryFolder(),
  PYTHONPATH: python,
  STRATA_HOST: host,
  STRATA_LEASE_SECONDS: "2",
  ...more,
});

/** A run whose parts are handed out, and the folder of their files. */
let handedOut: CarriedRun;
const parts = memoryFolder();

beforeAll(async () => {
  handedOut = await carriedRun(memoryFolder(), overrides);
  const packed = await handedOut.command("pack", "--strategy", "slerp-1", "--to", parts, "--quiet");
  expect(packed).toMatchObject({ code: 0 });
});

/** The same run in a store of its own, after the first parts were copied to a folder. */
async function packed(folder: string, count: number): Promise<CarriedRun> {
  const run = await carriedRun(memoryFolder(), overrides);
  cpSync(handedOut.store.folder, run.store.folder, { recursive: true });
  for (const name of readdirSync(parts).sort().slice(0, count)) copyFileSync(join(parts, name), join(folder, name));
  return run;
}

const results = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".done.strata"))
    .map((name) => join(folder, name));

/** Collects all results. @returns the outputs of the parts */
async function collected(run: CarriedRun, files: readonly string[]): Promise<unknown> {
  expect(await run.command("collect", ...files, "--quiet")).toMatchObject({ code: 0 });
  return run.plan.strategies[0].parts.flat().map(({ id }) => readDone(run.store, id)?.outputs);
}

describe("notebooks", () => {
  it("are those that scripts/write-notebooks.mjs writes", () => {
    const cwd = temporaryFolder();
    expect(spawnSync(process.execPath, [join(root, "scripts/write-notebooks.mjs")], { cwd }).status).toBe(0);
    const names = readdirSync(join(cwd, "notebooks"));
    expect(names).toEqual(["colab.ipynb", "kaggle.ipynb"]);
    const text = (folder: string, name: string) => readFileSync(join(folder, "notebooks", name), "utf8");
    for (const name of names) expect(text(root, name)).toBe(text(cwd, name));
  });

  it.skipIf(!hasPython)(
    `Colab's survives a disconnected session${hasPython ? "" : " (skipped: needs python3)"}`,
    async () => {
      const drive = memoryFolder();
      const run = await packed(drive, 4);
      const cells = codeCells(join(root, "notebooks/colab.ipynb"));
      const session = (host: string) => environment(host, { STRATA_FOLDER: drive });
      for (const cell of cells.slice(0, 2)) expect(await runCell(cell, session("first"))).toMatchObject({ code: 0 });
      // All processes of the session end at once, in the middle of a training.
      const lost = await runCell(cells[2], session("first"), (child) => {
        const timer = setInterval(() => {
          const work = readdirSync(drive).find((name) => name.endsWith(".work"));
          const jobs = work === undefined ? "" : join(drive, work, "jobs");
          if (!existsSync(jobs)) return;
          if (!readdirSync(jobs).some((id) => existsSync(join(jobs, id, "checkpoint.safetensors")))) return;
          clearInterval(timer);
          process.kill(-(child.pid as number), "SIGKILL");
        }, 5);
      });
      expect(lost.code).toBe(null);
      for (const cell of cells) {
        const { code, out } = await runCell(cell, session("second"));
        expect([code, out]).toEqual([0, expect.any(String)]);
      }
      const local = await carriedRun(memoryFolder(), overrides, handedOut);
      expect((await local.command("run", "--quiet")).code).toBe(0);
      const expected = local.plan.strategies[0].parts.flat().map(({ id }) => readDone(local.store, id)?.outputs);
      expect(expected).toMatchObject((await collected(run, results(drive))) as object);
    },
  );

  it("Kaggle's copies its inputs and leaves the results in the output", async () => {
    const [input, output] = [memoryFolder(), memoryFolder()];
    const run = await packed(input, 2);
    for (const cell of codeCells(join(root, "notebooks/kaggle.ipynb"))) {
      const { code, out } = await runCell(cell, environment("kaggle", { STRATA_INPUT: input, STRATA_FOLDER: output }));
      expect([code, out]).toEqual([0, expect.any(String)]);
    }
    expect(results(output).length).toBe(2);
    expect(readdirSync(input).some((name) => name.includes("work") || name.includes("done"))).toBe(false);
    const outputs = (await collected(run, results(output))) as unknown[];
    expect(outputs.filter((one) => one !== undefined)).toHaveLength(2);
  });
});
