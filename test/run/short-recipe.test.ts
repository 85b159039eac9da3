import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { memoryFolder } from "../temporary-folder.js";
import { strata, type Ended } from "./strata.js";

/** Your own text, a depth and two strategies: everything else is a default. */
const folder = memoryFolder();
const recipe = join(folder, "own.yaml");
const runs = join(folder, "runs");
const text = (documents: number) =>
  Array.from({ length: documents }, (_, i) => `Day ${i}: the ${i % 7} birds saw ${i % 5} cats and flew away.`);
writeFileSync(join(folder, "my.txt"), text(300).join("\n\n"));
writeFileSync(
  recipe,
  `data: { mine: my.txt }
model: { depth: 1 }
strategies: [vanilla, { name: halves, windows: [full, full] }]
`,
);

const defaults = `Defaults taken (see docs/recipe.md):
  model       1 layer, hidden size 64, 2 heads of dimension 32, intermediate size 160
  tokenizer   byte-level BPE with 1024 tokens, trained on mine
  training    on mine: 1 epoch, 8 sequences of 256 tokens per step, learning rate 0.0035
  evaluation  loss on the held-out documents of mine
`;

describe("a short recipe", () => {
  let ran: Ended;
  beforeAll(async () => void (ran = await strata(["run", recipe, "--runs", runs])));

  test("trains, merges and evaluates, and says which defaults it took", () => {
    expect([ran.code, ran.err]).toEqual([0, expect.stringContaining(defaults)]);
    expect(ran.out).toMatch(/vanilla .*halves /s);
    const { strategies } = JSON.parse(readFileSync(join(runs, "own", "ledger.json"), "utf8")) as {
      strategies: { name: string; scores: { metrics: { loss: { value: number } } }[] }[];
    };
    const loss = Object.fromEntries(strategies.map(({ name, scores }) => [name, scores[0].metrics.loss.value]));
    expect(loss.vanilla).toBeLessThan(loss.base);
  });

  test("is written out whole beside its report, with the same jobs", async () => {
    expect(parse(readFileSync(join(runs, "own", "recipe.yaml"), "utf8"))).toMatchObject({
      model: { random: { layers: 1, hiddenSize: 64 } },
      tokenizer: { train: { data: ["mine"], vocabSize: 1024 } },
      training: { data: ["mine"], learningRate: 0.0035, batchSize: 8 },
      evaluation: [{ name: "loss", kind: "loss", data: ["mine"] }],
      shards: 2,
    });
    const planned = await strata(["plan", join(runs, "own"), "--json"]);
    const { jobs, open } = JSON.parse(planned.out) as { jobs: { id: string }[]; open: string[] };
    const done = JSON.parse(readFileSync(join(runs, "own", "jobs.json"), "utf8")) as { id: string }[];
    expect(jobs.map(({ id }) => id)).toEqual(done.map(({ id }) => id));
    expect(open).toEqual([]);
  });

  test("is planned with its defaults shown; with all of them written, without", async () => {
    expect((await strata(["plan", recipe, "--runs", runs])).out).toContain(defaults);
    expect((await strata(["plan", join(runs, "own")])).out).not.toContain("Defaults taken");
  });

  test("of a file that is not there is an error that names it", async () => {
    const { code, err } = await strata([
      "plan",
      recipe,
      "--runs",
      runs,
      "--set",
      `data.mine=${join(folder, "me.txt")}`,
    ]);
    expect([code, err]).toEqual([
      1,
      `CorpusError: ${join(folder, "me.txt")} — expected a file, got nothing.\n  Did you mean "my.txt"?\n`,
    ]);
  });
});
