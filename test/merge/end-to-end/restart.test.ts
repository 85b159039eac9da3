import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal, rewriteJournal } from "../../../src/files/journal.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { mergeInProcess } from "./merge-in-process.js";
import { writeModel, type ModelTensor } from "./merge-runs.js";

const yaml = `models:
  - model: A
    parameters: {weight: 0.6, density: 0.4}
  - model: B
    parameters: {weight: 0.5, density: 0.7}
merge_method: dare_ties
base_model: base
`;

function models(): string {
  const cwd = temporaryFolder();
  for (const [k, name] of ["base", "A", "B"].entries()) {
    const tensors: Record<string, ModelTensor> = {};
    for (let i = 0; i < 6; i++) {
      const values = Float32Array.from({ length: 60 }, (_, j) => Math.sin(j * (k + 1) + i));
      tensors[`model.layers.${i}.mlp.up_proj.weight`] = { shape: [6, 10], values };
    }
    writeModel(join(cwd, name), tensors);
  }
  return cwd;
}

async function bytesOf(cwd: string, run: { readonly yaml: string; readonly seed: number }) {
  const { resumed } = await mergeInProcess({ cwd, ...run });
  return { resumed, bytes: readFileSync(join(cwd, "out/model.safetensors")).toString("base64") };
}

test.each([
  ["the same command", { yaml, seed: 7 }, 3],
  ["another seed", { yaml, seed: 8 }, 0],
  ["another configuration", { yaml: yaml.replace("0.4", "0.5"), seed: 7 }, 0],
])("an interrupted merge, then %s", async (_, run, resumed) => {
  const cwd = models();
  const expected = await bytesOf(cwd, run);
  rmSync(join(cwd, "out"), { recursive: true });
  await expect(mergeInProcess({ cwd, yaml, seed: 7, interruptAfter: 3 })).rejects.toThrow();
  expect(existsSync(join(cwd, "out"))).toBe(false);
  expect(existsSync(join(cwd, "out.partial/merge-journal.jsonl"))).toBe(true);
  expect(await bytesOf(cwd, run)).toEqual({ resumed, bytes: expected.bytes });
  expect(readdirSync(cwd).sort()).toEqual(["A", "B", "base", "out"]);
});

test("a damaged line of the journal is named, and its tensor and those after it are merged again", async () => {
  const cwd = models();
  const expected = await bytesOf(cwd, { yaml, seed: 7 });
  rmSync(join(cwd, "out"), { recursive: true });
  await expect(mergeInProcess({ cwd, yaml, seed: 7, interruptAfter: 4 })).rejects.toThrow();
  const journal = join(cwd, "out.partial/merge-journal.jsonl");
  const lines = readFileSync(journal, "utf8").split("\n");
  lines[3] = lines[3].replace('"random":', '"Random":');
  writeFileSync(journal, lines.join("\n"));
  const { notes, resumed } = await mergeInProcess({ cwd, yaml, seed: 7 });
  expect(resumed).toBe(2);
  expect(notes.find((note) => note.startsWith(`${journal}:4 is damaged: expected checksum `))).toBeDefined();
  rmSync(join(cwd, "out"), { recursive: true });
  expect((await bytesOf(cwd, { yaml, seed: 7 })).bytes).toEqual(expected.bytes);
});

test("an input with a flipped bit is refused by name, and nothing is merged from it", async () => {
  const cwd = models();
  await mergeInProcess({ cwd, yaml, seed: 7 });
  rmSync(join(cwd, "A"), { recursive: true });
  renameSync(join(cwd, "out"), join(cwd, "A"));
  const weights = join(cwd, "A/model.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(weights, bytes);
  await expect(mergeInProcess({ cwd, yaml, seed: 7 })).rejects.toThrow(
    new RegExp(`^${weights} \\S+ — expected checksum [0-9a-f]{8}, as written, got [0-9a-f]{8}\\.`),
  );
  expect(existsSync(join(cwd, "out"))).toBe(false);
});

test("after a crash of the machine, only the tensors that were flushed count", async () => {
  const cwd = models();
  const expected = await bytesOf(cwd, { yaml, seed: 7 });
  rmSync(join(cwd, "out"), { recursive: true });
  await expect(mergeInProcess({ cwd, yaml, seed: 7, interruptAfter: 4 })).rejects.toThrow();
  const journal = join(cwd, "out.partial/merge-journal.jsonl");
  const [start, ...done] = readJournal(journal);
  rewriteJournal(journal, [{ ...start, boot: "an earlier one" }, ...done, { flushed: 2 }]);
  expect(await bytesOf(cwd, { yaml, seed: 7 })).toEqual({ resumed: 2, bytes: expected.bytes });
});
