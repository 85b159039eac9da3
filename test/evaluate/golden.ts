import { readFileSync } from "node:fs";

/** Cases recorded from the evaluation harness (lm-evaluation-harness 4e7e0d4); the `source` of each group says how. */
export function golden<Group>(name: string): Group {
  return read<Record<string, Group>>("evaluation.json")[name];
}

/** The data sets of the recorded evaluations: the records of each split by data set. */
export function recordedDatasets<DataRecord>(): Record<string, Record<string, DataRecord[]>> {
  interface File {
    readonly end_to_end: { readonly datasets: Record<string, Record<string, DataRecord[]>> };
  }
  return read<File>("harness-end-to-end.json").end_to_end.datasets;
}

function read<File>(name: string): File {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), "utf8")) as File;
}
