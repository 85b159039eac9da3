import { openShards, type ShardReader } from "../../src/corpus/shards/batches.js";
import { cutShards } from "../../src/corpus/shards/shards.js";
import type { TrainPartOptions } from "../../src/train/train-part.js";
import { newFolder, tokenized } from "../corpus/corpus-fixtures.js";
import { picoConfig, picoModel } from "../model/pico.js";
import { plainExecution, smallSettings } from "./small-settings.js";

export const partConfig = { ...picoConfig, vocabSize: 258, bosId: 256, eosIds: [257] };

/** A pico model, and one shard of short texts in sequences of five tokens. */
export async function picoPart(root: string): Promise<{ readonly start: string; readonly data: ShardReader }> {
  const { folder: start } = await picoModel(partConfig);
  const [source, shards] = [newFolder(root), newFolder(root)];
  await tokenized(source, ["in the beginning", "was the word", "and more words were to come", "after them"]);
  await cutShards({ sources: [source], shards: 1, seed: 1, folder: shards });
  return { start, data: openShards(shards, [0], 5) };
}

type Given = Pick<TrainPartOptions, "device" | "start" | "data" | "window" | "steps" | "folder">;

/** A whole training in one part; what is not given is as plain as it can be. */
export function partOptions(given: Given & Partial<TrainPartOptions>): TrainPartOptions {
  return {
    stepsBefore: 0,
    stepsOfSchedule: given.steps,
    snapshots: [],
    settings: smallSettings,
    execution: plainExecution,
    previous: null,
    keepsMoments: false,
    identity: "part",
    signal: new AbortController().signal,
    ...given,
  };
}
