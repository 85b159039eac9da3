import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPlan } from "../../src/run/checks/check-plan.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { loadRecipe } from "../../src/recipe/load-recipe.js";
import { writeTokenizer } from "../../src/tokenizer/format/write-tokenizer.js";
import { trainTokenizer } from "../../src/tokenizer/tokenizer.js";
import { memoryFolder } from "../temporary-folder.js";
import { strata } from "./strata.js";

export const jsonl = (...records: readonly unknown[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");

/** Many stories to train on, so that only what a test is about is wrong. */
const recipeText = `
seed: 1
data:
  stories: { synthetic: stories, documents: 200 }
  set: { files: FILE, field: question }
tokenizer: { train: { data: stories, vocabSize: 300 } }
model: { random: { layers: 1, hiddenSize: 16, attentionHeads: 2, maxPositions: 64 } }
training: { data: stories, sequenceLength: 32, batchSize: 2, amount: { steps: 2 } }
strategies: [vanilla]
evaluateAt: []
evaluation: []
machine: { threads: 1, parallel: 1 }
`;

/** Files in a new folder, and a recipe that uses them. */
export interface Case {
  readonly folder: string;
  readonly recipe: string;
  readonly overrides: readonly string[];
}

/** @param files  the first one is the data set `set` */
export function prepare(files: Readonly<Record<string, string | Buffer>>, overrides: readonly string[] = []): Case {
  const folder = memoryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const recipe = join(folder, "small.yaml");
  writeFileSync(recipe, recipeText.replace("FILE", JSON.stringify(Object.keys(files)[0] ?? "none.jsonl")));
  return { folder, recipe, overrides };
}

/** What planning says: an error, notes, or `nothing`. */
export async function toldBy({ folder, recipe, overrides }: Case): Promise<string> {
  try {
    const plan = await planRun(await loadRecipe(recipe, overrides));
    const { notes } = await checkPlan(plan, { folder: join(folder, "runs") });
    return notes.length === 0 ? "nothing" : notes.map((note) => `Note: ${note}`).join("\n");
  } catch (error) {
    return String(error).replaceAll(folder, "FOLDER");
  }
}

/** Runs the program. @returns its exit code, its message, and the kinds of jobs that have started */
export async function run({ folder, recipe, overrides }: Case, environment: Readonly<Record<string, string>> = {}) {
  const runs = join(folder, "runs");
  const sets = overrides.flatMap((set) => ["--set", set]);
  const { code, err } = await strata(["run", recipe, "--runs", runs, "--quiet", ...sets], () => {}, environment);
  const jobs = existsSync(join(runs, "jobs")) ? readdirSync(join(runs, "jobs")) : [];
  const kinds = [...new Set(jobs.map((id) => id.split("-")[0]))].sort();
  return { code, message: err.replaceAll(folder, "FOLDER"), kinds };
}

/** A tokenizer of single bytes with EOS, and a chat template. */
export async function writeChatTokenizer(folder: string, template: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  async function* texts() {
    yield "a";
  }
  writeTokenizer(folder, await trainTokenizer(texts(), { vocabSize: 258 }));
  writeFileSync(join(folder, "chat_template.jinja"), template);
}
