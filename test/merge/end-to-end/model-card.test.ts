import { expect, test } from "vitest";
import { join } from "node:path";
import { modelCard } from "../../../src/merge/output/model-card.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { withPlan } from "./merge-in-process.js";
import { writeModel } from "./merge-runs.js";

async function card(yaml: string): Promise<string[]> {
  const cwd = temporaryFolder();
  for (const name of ["base", "A"]) writeModel(join(cwd, name), { w: { shape: [2, 2], values: [1, 2, 3, 4] } });
  const text = await withPlan({ cwd, yaml }, (plan) => modelCard(plan, "out", () => false));
  return text.split("\n").filter((line) => line.startsWith("* ") || line.startsWith("This model was merged"));
}

const two = "models: [{model: base}, {model: A}]\nbase_model: base\n";

test("the base is named as such, but SLERP lists both models", async () => {
  expect(await card(`${two}merge_method: arcee_fusion\n`)).toEqual([
    "This model was merged using the [Arcee Fusion](https://arcee.ai) merge method using base as a base.",
    "* A",
  ]);
  expect(await card(`${two}merge_method: slerp\nparameters: {t: 0.5}\n`)).toEqual([
    "This model was merged using the [SLERP](https://en.wikipedia.org/wiki/Slerp) merge method.",
    "* base",
    "* A",
  ]);
});

test("a method without a publication has no link", async () => {
  expect(await card("models: [{model: A}]\nmerge_method: passthrough\n")).toEqual([
    "This model was merged using the Passthrough merge method.",
    "* A",
  ]);
});
