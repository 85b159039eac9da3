import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { planRun } from "../../src/run/graph/run-graph.js";
import { prepareRun } from "../../src/run/execute-runs.js";
import { smallRecipe } from "../run/small-recipe.js";

export interface ManyParts {
  readonly rounds: number;
  readonly workers: number;
  readonly steps: number;
}

/** The loss of a step; one part has one spike. */
export const spike = { worker: 37, round: 4, share: 0.6, loss: 42.5 };

/**
 * The records of a run with many parts, all of them at work on another machine.
 *
 * @returns the folder of the run
 */
export async function writeManyParts(runs: string, { rounds, workers, steps }: ManyParts): Promise<string> {
  mkdirSync(runs, { recursive: true });
  const windows = Array.from({ length: workers }, () => "full").join(", ");
  const recipe = await smallRecipe(runs, [
    `strategies=[{name: many, windows: [${windows}], rounds: ${rounds}}]`,
    "baselines=[]",
    "evaluateAt=[]",
    `shards=${workers}`,
    `training.amount={steps: ${steps * rounds * workers}}`,
  ]);
  const plan = await planRun(recipe);
  const folder = join(runs, recipe.name);
  prepareRun(plan, folder);
  for (const [round, parts] of plan.strategies[0].parts.entries())
    for (const [worker, { id }] of parts.entries()) {
      const job = join(runs, "jobs", id);
      mkdirSync(job, { recursive: true });
      writeFileSync(join(job, "journal.jsonl"), journal(round, worker, steps));
      writeFileSync(join(job, "lock"), "elsewhere-0a0a0a0a-1-1\n000000000000");
      const progress = { done: steps, total: 2 * steps, unit: "steps", note: "" };
      writeFileSync(join(job, "progress.json"), JSON.stringify(progress));
    }
  return folder;
}

function journal(round: number, worker: number, steps: number): string {
  const spikeStep = round === spike.round && worker === spike.worker ? Math.ceil(spike.share * steps) : 0;
  const lines = Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const loss = step === spikeStep ? spike.loss : 3 + 2 / Math.sqrt(step) + worker / 300 + Math.sin(step * 7) / 10;
    const others = { learningRate: 0.0003, gradientNorm: 0.8123456789, tokens: step * 4096, seconds: step / 10 };
    return `${JSON.stringify({ step, loss, ...others, crc32: "deadbeef" })}\n`;
  });
  return lines.join("");
}
