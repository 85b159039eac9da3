import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.js";
import { mergeConfig, writeModel } from "../end-to-end/merge-runs.js";

const root = temporaryFolder();
const embedding = { "model.embed_tokens.weight": { shape: [2], values: [1, 2] } };
const layer = (i: number, values: readonly number[]) => ({ [`model.layers.${i}.mlp.weight`]: { shape: [2], values } });
writeModel(join(root, "base"), { ...embedding, ...layer(0, [0, 0]), ...layer(1, [0, 0]) });
writeModel(join(root, "first"), { ...embedding, ...layer(0, [1, 0]), ...layer(1, [0, 0]) });
writeModel(join(root, "second"), { ...embedding, ...layer(0, [0, 0]), ...layer(1, [0, 2]) });

test("a merge records and shows which share of each change arrived", async () => {
  const { code, out, err } = await mergeConfig(
    root,
    `merge_method: task_arithmetic
base_model: base
models:
  - { model: first, parameters: { weight: 1.0 } }
  - { model: second, parameters: { weight: 0.5 } }
`,
  );
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(`Share of each model's change from base that arrived, by layers:
part        change  first  second  cosine
embeddings       0      –       –       –
layer 0          1  100 %       –       –
layer 1          1      –    50 %       –
total         1.41  100 %    50 %    0.00
`);
  const record = JSON.parse(readFileSync(join(root, "out/merge.json"), "utf8")) as Record<string, unknown>;
  expect(record).toMatchObject({
    method: "task_arithmetic",
    models: ["first", "second", "base"],
    base: "base",
    attribution: {
      reference: "base",
      models: ["first", "second"],
      layers: [
        { label: "embeddings", change: 0, models: [{ share: null }, { share: null }] },
        { label: "layer 0", change: 1, models: [{ share: 1, change: 1 }, { share: null }] },
        { label: "layer 1", change: 1, models: [{ share: null }, { share: 0.5, change: 2 }] },
      ],
      total: { models: [{ share: 1 }, { share: 0.5 }], cosines: [{ models: ["first", "second"], cosine: 0 }] },
    },
  });
  const card = readFileSync(join(root, "out/README.md"), "utf8");
  expect(card).toContain("**Attribution**\n");
  expect(card).toContain("| layer 1 | 1 | – | 50 % | – |\n");
});
