import { join } from "node:path";
import type { JobStatus } from "../../../jobs/executor.js";
import type { Job } from "../../../jobs/job.js";
import { seedRecipes } from "../../../recipe/seed-recipes.js";
import type { RunState } from "../../../run/execute-runs.js";
import { refuseForeign } from "../../../run/tensorboard/output-folder.js";
import { watchTensorboard } from "../../../run/tensorboard/watch-tensorboard.js";
import type { RunView } from "../../view/run-view.js";
import type { LocatedRun } from "./locate-run.js";

/** Between two looks at the journals. */
const everySeconds = 3;

/** The event files of a run in this process. */
export interface LiveTensorboard {
  /** @param view  prints what is missing; null for stderr */
  start(state: RunState, view: RunView | null): void;
  changed(job: Job, status: JobStatus): void;
  stop(): Promise<void>;
}

/**
 * @param written  the folder to write, or true for `tensorboard` in the run's folder
 * @throws StrataError if it has files of other programs
 */
export function liveTensorboard(
  written: string | true,
  { recipe, store, folder }: Pick<LocatedRun, "recipe" | "store" | "folder">,
): LiveTensorboard {
  const target = written === true ? join(folder, "tensorboard") : written;
  refuseForeign(target, "Choose another folder.");
  const seeds = seedRecipes(recipe)?.map((seed) => seed.folder) ?? [""];
  let view: RunView | null = null;
  const onNote = (line: string) => (view === null ? void process.stderr.write(`${line}\n`) : view.print(line));
  const watch = watchTensorboard({ store, folder: target, seconds: everySeconds, onNote });
  return {
    start(state, shown) {
      view = shown;
      view?.print(`Show the progress: tensorboard --logdir ${target}`);
      watch.start(state.plans.map((plan, i) => ({ plan, prefix: seeds[i] })));
    },
    changed: watch.changed,
    stop: watch.stop,
  };
}
