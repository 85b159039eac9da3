import { dirname, join } from "node:path";
import { createFolder } from "../../../files/create-folder.js";
import { describePart } from "../../../jobs/packed/pack-format.js";
import { readDone } from "../../../jobs/job-folder.js";
import { choosePart, openParts, type NamedPart, type PartChoice } from "../../../run/carry/choose-parts.js";
import { packParts, prepareParts, type WrittenPart } from "../../../run/carry/pack-parts.js";
import { startsFromHub, type WeightSource } from "../../../run/carry/part-content.js";
import type { PreparedRun, RunOptions } from "../../../run/execute-runs.js";
import { unlessAborted } from "../../../run/unless-aborted.js";
import { formatBytes } from "../../../text/format-bytes.js";
import { showRun } from "../../view/run-view.js";
import { jobRunner, preparePool } from "../run/job-runner.js";
import { locateRun, type RunArguments } from "../run/locate-run.js";
import { prepareCarriedRun } from "./carried-run.js";
import { printOutcome } from "../run/run-command.js";

export interface PackCommandOptions extends RunArguments, PartChoice {
  readonly out?: string;
  readonly to?: string;
  readonly weights: WeightSource;
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function packCommand(path: string, options: PackCommandOptions): Promise<void> {
  const { recipe, store, folder } = await locateRun(path, options);
  const pool = await preparePool(recipe);
  const silent = options.quiet || options.json;
  const view = silent ? null : showRun(recipe, store, pool, process.stderr);
  const runOptions: RunOptions = { ...jobRunner(store, pool, view), onPlan: view?.onPlan, onChange: view?.onChange };
  const { signal } = runOptions;
  const written: WrittenPart[] = [];
  const pack = async () => {
    const run = await prepareCarriedRun(recipe, runOptions, folder);
    const parts = chooseParts(run, runOptions, options);
    if (parts.length === 0) return { outcome: "finished", failures: [] } as const;
    const failures = await prepareParts(run, parts, runOptions).finally(() => view?.stop());
    if (signal.aborted || failures.length > 0)
      return { outcome: signal.aborted ? "interrupted" : "failed", failures } as const;
    await packParts(run, parts, store, {
      weights: options.weights,
      signal,
      fileOf: (part) => fileOf(part, options),
      onWritten(one) {
        written.push(one);
        if (!silent) process.stdout.write(writtenText(run, one, options.weights));
      },
    });
    return { outcome: "finished", failures: [] } as const;
  };
  const result = (await unlessAborted(pack(), signal).finally(() => view?.stop())) ?? {
    outcome: "interrupted",
    failures: [],
  };
  if (options.json) process.stdout.write(`${JSON.stringify(written.map(writtenJson))}\n`);
  else if (result.outcome === "finished" && written.length === 0)
    process.stdout.write("Nothing to pack: the parts are done.\n");
  printOutcome({ ...result, folder });
}

function chooseParts({ plan }: PreparedRun, { store }: RunOptions, choice: PackCommandOptions): readonly NamedPart[] {
  const { part } = choice;
  if (part === undefined) return openParts(plan, store, choice);
  const chosen = choosePart(plan, { ...choice, part });
  return readDone(store, chosen.job.id) === null ? [chosen] : [];
}

function fileOf({ strategy, round, part }: NamedPart, { out, to }: PackCommandOptions): string {
  const file = to === undefined ? (out ?? `part-${part}.strata`) : sharedFile(to, { strategy, round, part });
  createFolder(dirname(file));
  return file;
}

/** The file of a part in a folder of all parts. */
export function sharedFile(
  folder: string,
  { strategy, round, part }: Pick<NamedPart, "strategy" | "round" | "part">,
): string {
  return join(folder, `${strategy.replace(/[^\w.-]/g, "_")}-round-${round}-part-${part}.strata`);
}

function writtenText({ plan }: PreparedRun, written: WrittenPart, weights: WeightSource): string {
  const { part, file, bytes, modelBytes, dataBytes, fetchedBytes, reused } = written;
  const sizes = [
    `${formatBytes(bytes)} (model ${formatBytes(modelBytes)}, data ${formatBytes(dataBytes)})`,
    ...(fetchedBytes > 0 ? [`the worker downloads ${formatBytes(fetchedBytes)}`] : []),
    ...(reused ? ["already written"] : []),
  ].join(", ");
  const line = `${file}: ${describePart(part)}, ${part.job.title}: ${sizes}\n`;
  const isCarried = startsFromHub(plan, part.job) && weights === "carry";
  return isCarried ? `${line}  It carries the model; with --weights hub the worker downloads it.\n` : line;
}

function writtenJson({ part: { job, ...name }, ...written }: WrittenPart): unknown {
  return { ...name, job: job.id, ...written };
}
