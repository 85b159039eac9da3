import { existsSync } from "node:fs";
import { StrataError } from "../../errors/strata-error.js";
import { openArchive, verifyArchive } from "../../files/archive/read-archive.js";
import { writeArchive } from "../../files/archive/write-archive.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import { dependenciesOf, type Job } from "../../jobs/job.js";
import { describePart, openPart } from "../../jobs/packed/pack-format.js";
import { planPart } from "../../jobs/packed/plan-part.js";
import { executeRuns, isDataJob, type Failure, type PreparedRun, type RunOptions } from "../execute-runs.js";
import type { RunPlan } from "../graph/run-graph.js";
import { addWatcher } from "../watchers.js";
import { allParts, type NamedPart } from "./choose-parts.js";
import { partContent, type WeightSource } from "./part-content.js";
import { recordPacked } from "./packed-record.js";

/** A file with a part. */
export interface WrittenPart {
  readonly part: NamedPart;
  readonly file: string;
  /** Of the content of the file. */
  readonly bytes: number;
  /** Of the model that the training starts from, and of its data. */
  readonly modelBytes: number;
  readonly dataBytes: number;
  /** Files that the worker downloads. */
  readonly fetchedBytes: number;
  /** Whether the file existed and is the same. */
  readonly reused: boolean;
}

/**
 * Runs the jobs that parts need and that are no trainings of parts: data, initial model, pre-training, earlier merges.
 *
 * @returns the failed jobs
 * @throws StrataError if a part of an earlier round is not done
 */
export async function prepareParts(
  run: PreparedRun,
  parts: readonly NamedPart[],
  options: RunOptions,
): Promise<readonly Failure[]> {
  const { plan } = run;
  const needed = neededJobs(
    plan,
    parts.map(({ job }) => job),
  );
  refuseMissing(plan, options.store, needed);
  const jobs = plan.jobs.filter((job) => isDataJob(job) || needed.has(job.id));
  const removeWatcher = addWatcher(run.folder);
  return executeRuns([{ ...run, jobs }], options).finally(removeWatcher);
}

/** The jobs before some jobs of a plan. */
function neededJobs({ jobs }: RunPlan, wanted: readonly Job[]): ReadonlySet<string> {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const needed = new Set<string>();
  const visit = (job: Job): void => {
    for (const id of dependenciesOf(job)) {
      if (needed.has(id)) continue;
      needed.add(id);
      visit(byId.get(id) as Job);
    }
  };
  for (const job of wanted) visit(job);
  return needed;
}

function refuseMissing(plan: RunPlan, store: Store, needed: ReadonlySet<string>): void {
  const missing = allParts(plan).filter(({ job }) => needed.has(job.id) && readDone(store, job.id) === null);
  if (missing.length === 0) return;
  throw new StrataError("RunError", {
    where: plan.recipe.name,
    expected: "the parts of the rounds before",
    got: `these missing: ${missing.map(describePart).join("; ")}`,
    hint: "Run `strata collect` with their files, or `strata run`, which trains them here.",
  });
}

export interface PackOptions {
  readonly weights: WeightSource;
  readonly signal: AbortSignal;
  readonly fileOf: (part: NamedPart) => string;
  readonly onWritten: (written: WrittenPart) => void;
}

/** Writes a file for each part, whose inputs must be done, and records them in the run's folder. */
export async function packParts(
  { plan, folder }: PreparedRun,
  parts: readonly NamedPart[],
  store: Store,
  { weights, signal, fileOf, onWritten }: PackOptions,
): Promise<void> {
  for (const part of parts) {
    const file = fileOf(part);
    const content = partContent(plan, store, part, weights);
    const archive = planPart(store, content);
    const reused = await isWritten(file, archive.sha256, signal);
    if (!reused) await refuseOther(file, part, store);
    if (!reused) await writeArchive(file, archive, signal);
    const { job, ...name } = part;
    recordPacked(folder, [{ ...name, job: job.id, file, packed: new Date().toISOString() }]);
    const fetchedBytes = content.fetch.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytesOf = (id: string) =>
      archive.members.reduce((sum, { path, bytes }) => sum + (path.startsWith(`jobs/${id}/`) ? bytes : 0), 0);
    const [modelBytes, dataBytes] = [bytesOf(job.inputs.start.job), bytesOf(job.inputs.data.job)];
    onWritten({ part, file, bytes: archive.bytes, modelBytes, dataBytes, fetchedBytes, reused });
  }
}

/** Whether a file has this content. One that is damaged is written again. */
async function isWritten(file: string, sha256: string, signal: AbortSignal): Promise<boolean> {
  if (!existsSync(file)) return false;
  try {
    const archive = await openArchive(file);
    if (archive.sha256 !== sha256) return false;
    await verifyArchive(archive, signal);
    return true;
  } catch (error) {
    if (error instanceof StrataError) return false;
    throw error;
  }
}

/** Somebody may work on the file of another part: it is replaced only once that part is collected. */
async function refuseOther(file: string, part: NamedPart, store: Store): Promise<void> {
  if (!existsSync(file)) return;
  const other = await openPart(file).catch(() => null);
  if (other === null) return;
  const { manifest } = other;
  const isEarlier = manifest.recipe === part.recipe && describePart(manifest) === describePart(part);
  if (isEarlier || readDone(store, manifest.job) !== null) return;
  throw new StrataError("FileError", {
    where: file,
    expected: `a new file, or an earlier one of ${describePart(part)}`,
    got: `${describePart(manifest)} of ${manifest.recipe}, which is not collected yet`,
    hint: "Name another file by `--out FILE`.",
  });
}
