import type { JobNeeds } from "../../jobs/slurm/settings.js";
import type { Job } from "../../jobs/job.js";
import { totalParameters } from "../../model/config/parameter-counts.js";
import { expectedSeconds } from "../../plan/time.js";
import type { RunPlan } from "./run-graph.js";

/** Of jobs that hold no model: they stream files, see "Memory of tokenizing" in docs/architecture.md. */
const streamingBytes = 1e9;

/** Of a job without an estimate of its work: reading and writing files. */
const filesSeconds = 1800;

/**
 * What the jobs of runs need on a cluster, from the plan's numbers.
 *
 * @param flopsPerSecond  of a job with its threads, measured here
 */
export function jobNeeds(plans: readonly RunPlan[], flopsPerSecond: number): (job: Job) => JobNeeds {
  const memory = new Map(plans.flatMap(partMemory));
  // Weights in f32, and what scoring or a search of λ adds: activations and logits of one batch.
  const modelBytes = Math.max(0, ...plans.map(({ config }) => 4 * totalParameters(config)));
  const usesModel = ({ kind }: Job) => ["initialize", "merge", "line-search", "evaluate"].includes(kind);
  return (job) => ({
    memoryBytes: memory.get(job.id) ?? streamingBytes + (usesModel(job) ? modelBytes : 0),
    seconds: job.flops > 0 ? expectedSeconds([job], flopsPerSecond, 1) : filesSeconds,
  });
}

/** Of the trainings. */
function partMemory({ strategies, pretraining, pretrainJob }: RunPlan): (readonly [id: string, bytes: number])[] {
  const parts = strategies.flatMap((strategy) =>
    strategy.planned.flat().map((part) => {
      const { id } = strategy.parts[part.round][part.worker];
      return [id, part.memoryBytes] as const;
    }),
  );
  return pretraining === null || pretrainJob === null
    ? parts
    : [...parts, [pretrainJob.id, pretraining.memoryBytes] as const];
}
