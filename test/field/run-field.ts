import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest, type TokenManifest } from "../../src/corpus/tokens/token-manifest.js";
import { decodeNumbers } from "../../src/files/number-file.js";
import { strata, type Ended } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

export interface Run {
  readonly ended: Ended;
  /** The folders of the finished and unfinished jobs of a kind, in no order. */
  jobs(kind: string): string[];
}

/** Runs a recipe of one step. @param lines  its keys, in YAML (and JSON, which is YAML) */
export async function run(lines: Readonly<Record<string, unknown>>): Promise<Run> {
  const folder = temporaryFolder();
  const recipe = {
    strategies: ["vanilla"],
    baselines: [],
    shards: 1,
    holdOut: 0,
    dtype: "f32",
    evaluation: [],
    evaluateAt: [],
    machine: { threads: 1, parallel: 1, device: "reference" },
    ...lines,
  };
  const path = join(folder, "field.yaml");
  writeFileSync(path, JSON.stringify(recipe));
  const store = join(folder, "store");
  const ended = await strata(["run", path, "--runs", store, "--quiet"]);
  return {
    ended,
    jobs: (kind) => {
      const all = existsSync(join(store, "jobs")) ? readdirSync(join(store, "jobs")) : [];
      return all.filter((name) => name.startsWith(`${kind}-`)).map((name) => join(store, "jobs", name));
    },
  };
}

export const stories = { stories: { synthetic: "stories", documents: 4 } };
export const oneStep = (data: string, sequenceLength: number) => ({
  data: [data],
  sequenceLength,
  batchSize: 1,
  amount: { steps: 1 },
});

/** The ids of all documents in the first segment of a tokenized data set. */
export function tokensOf({ jobs }: Run): number[] {
  const [folder] = jobs("tokenize");
  const { segments, tokenBytes } = readManifest<TokenManifest>(folder);
  return [...decodeNumbers(new Uint8Array(readFileSync(join(folder, segments[0].file))), tokenBytes)];
}
