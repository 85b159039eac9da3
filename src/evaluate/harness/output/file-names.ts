import { basename, dirname, extname, join } from "node:path";

/** Names of the files of one evaluation. */
export interface OutputPaths {
  readonly folder: string;
  readonly results: string;
  readonly samples: (task: string) => string;
}

/** A name as the harness makes it safe for a folder. */
export function sanitizeModelName(name: string): string {
  return name.replace(/["<>:/|\\?*[\]]+/g, "__");
}

/** Local time as Python's `datetime.now().isoformat()`, with `-` in place of `:`. */
export function timeId(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join("-");
  const milliseconds = time.getMilliseconds();
  return `${day}T${clock}${milliseconds === 0 ? "" : `.${String(milliseconds).padStart(3, "0")}000`}`;
}

/**
 * Below `output`, in a folder named after the model; or, if `output` ends in `.json`, beside it.
 *
 * @param output  the value of --output_path
 */
export function outputPaths(output: string, model: string, time: Date): OutputPaths {
  const id = timeId(time);
  const isFile = extname(output) === ".json";
  const folder = isFile ? dirname(output) : join(output, sanitizeModelName(model));
  return {
    folder,
    results: join(folder, isFile ? `${basename(output, ".json")}_${id}.json` : `results_${id}.json`),
    samples: (task) => join(folder, `samples_${task.replace(/[/\\]+/g, "__")}_${id}.jsonl`),
  };
}
