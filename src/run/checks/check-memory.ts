import { StrataError } from "../../errors/strata-error.js";
import type { Job } from "../../jobs/job.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import { frozenBytes } from "../../plan/memory.js";
import type { PlannedPart } from "../../plan/plan-parts.js";
import { placeOf } from "../../recipe/places.js";
import { pathOfStrategy } from "../../recipe/resolve-strategies.js";
import type { Path } from "../../recipe/errors/issue.js";
import { formatBytes } from "../../text/format-bytes.js";
import type { RunPlan } from "../graph/run-graph.js";

/** Swap space may add to the memory. */
const swapFactor = 2;

/**
 * Refuses parts still to train that need far more memory than the machine has. Frozen weights do not count: they are
 * mapped from their file.
 *
 * @param memoryBytes  of the machine, or the limit of this process
 * @throws StrataError naming the training or the strategy
 */
export function checkMemory(plan: RunPlan, store: Store, memoryBytes: number): void {
  const { recipe, pretraining, pretrainJob, strategies, ...model } = plan;
  const check = (part: PlannedPart, job: Job, path: Path) => {
    if (readDone(store, job.id) !== null) return;
    const needed = part.memoryBytes - frozenBytes(model.config, [part.window], model.storedBytesPerElement);
    if (needed <= swapFactor * memoryBytes) return;
    throw new StrataError("PlanError", {
      where: placeOf(recipe, path),
      expected: `a part that fits into the memory of this machine (${formatBytes(memoryBytes)})`,
      got: `one that needs ${formatBytes(needed)}`,
      hint:
        "Set training.activationCheckpointing or training.offload, use a smaller microBatchSize, a smaller model or " +
        "a larger machine.",
    });
  };
  if (pretraining !== null && pretrainJob !== null) check(pretraining, pretrainJob, ["model", "pretrain"]);
  for (const { strategy, planned, parts } of strategies)
    for (const part of planned.flat())
      check(part, parts[part.round][part.worker], pathOfStrategy(recipe, strategy.name));
}
