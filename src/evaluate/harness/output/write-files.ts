import { createFolder } from "../../../files/create-folder.js";
import { createAtomicFile, writeFileAtomic } from "../../../files/atomic-file.js";
import type { RunFacts } from "../outcome.js";
import { outputPaths } from "./file-names.js";
import { dumpIndentedJson } from "./python-json.js";
import { resultsObject, type Outcomes } from "./results-file.js";
import { SampleLines } from "./sample-lines.js";

/**
 * Writes the samples of each task, then the results, so that every results file has its samples.
 *
 * @param output  the value of --output_path
 * @returns the path of the results file
 * @throws StrataError if a file cannot be written; no results file exists then
 */
export function writeFiles(
  output: string,
  outcomes: Outcomes,
  facts: RunFacts,
  { logSamples, time = new Date() }: { readonly logSamples: boolean; readonly time?: Date },
): string {
  const paths = outputPaths(output, facts.model, time);
  createFolder(paths.folder);
  const taskHashes = new Map<string, string>();
  for (const { task, samples } of logSamples ? outcomes.tasks : []) {
    const lines = new SampleLines(samples);
    writeLines(paths.samples(task), lines.lines());
    taskHashes.set(task, lines.taskHash());
  }
  writeFileAtomic(paths.results, dumpIndentedJson(resultsObject(outcomes, facts, taskHashes)));
  return paths.results;
}

const chunkSize = 1 << 20;

function writeLines(path: string, lines: Iterable<string>): void {
  const file = createAtomicFile(path);
  try {
    let waiting: string[] = [];
    let size = 0;
    for (const line of lines) {
      waiting.push(line);
      size += line.length;
      if (size < chunkSize) continue;
      file.write(Buffer.from(waiting.join("")));
      waiting = [];
      size = 0;
    }
    file.write(Buffer.from(waiting.join("")));
    file.commit();
  } catch (error) {
    file.abandon();
    throw error;
  }
}
