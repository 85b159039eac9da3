import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Instructions } from "../../src/device/instructions.js";
import { availableSets } from "../device/instruction-sets.js";
import { memoryFolder } from "../temporary-folder.js";
import { writeSmallRecipe } from "./small-recipe.js";
import { strata } from "./strata.js";

interface Done {
  readonly id: string;
  readonly title: string;
  readonly device: string;
  readonly outputs: Readonly<Record<string, { readonly sha256: string }>>;
}

/** What a run records when its instructions are pinned, by the titles of its jobs. */
async function runWith(instructions: Instructions): Promise<ReadonlyMap<string, Done>> {
  const folder = memoryFolder();
  const short = ["strategies=[slerp-1]", "baselines=[]", "evaluateAt=[]", "training.amount={steps: 4}"];
  const set = [...short, `machine.instructions=${instructions}`].flatMap((one) => ["--set", one]);
  const ended = await strata(["run", writeSmallRecipe(folder), "--runs", join(folder, "runs"), "--quiet", ...set]);
  expect(ended).toEqual({ code: 0, out: "", err: "" });
  const jobs = join(folder, "runs", "jobs");
  const done = readdirSync(jobs).map((id) => JSON.parse(readFileSync(join(jobs, id, "done.json"), "utf8")) as Done);
  return new Map(done.map((one) => [one.title, one]));
}

const train = "train layers 0-1 on shard 1";
const emulated = availableSets.find((set) => set.emulated)?.name;

test.skipIf(emulated === undefined)(
  "a run with pinned instructions records them, also those that its processor emulates" +
    (emulated === undefined ? " (skipped: the addon that emulates is not built)" : ""),
  async () => {
    const [portable, other] = [await runWith("portable"), await runWith(emulated as Instructions)];
    const has = availableSets.some(({ name, emulated: isEmulated }) => name === emulated && !isEmulated);
    expect([portable, other].map((run) => run.get(train)?.device)).toEqual([
      "cpu portable, bf16",
      `cpu ${emulated}${has ? "" : " (emulated)"}, bf16`,
    ]);
    // The same jobs, with other rounding.
    expect([...portable].map(([, { id }]) => id).toSorted()).toEqual([...other].map(([, { id }]) => id).toSorted());
    const bytes = (run: ReadonlyMap<string, Done>) => run.get(train)?.outputs["model/model.safetensors"].sha256;
    expect(bytes(portable)).not.toBe(bytes(other));
    expect(bytes(await runWith("portable"))).toBe(bytes(portable));
  },
  120_000,
);
