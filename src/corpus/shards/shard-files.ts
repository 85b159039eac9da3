import { manifestFile, readManifest } from "../tokens/token-manifest.js";
import type { ShardManifest } from "./shard-manifest.js";

/** The files that `openShards` reads for some shards, in the folder of all. */
export function shardFiles(folder: string, shardIndices: readonly number[]): string[] {
  const { shards } = readManifest<ShardManifest>(folder);
  const chosen = shardIndices.map((index) => shards[index]);
  return [
    manifestFile,
    ...chosen.flatMap(({ file, starts, mask }) => [file, starts, ...(mask === null ? [] : [mask])]),
  ];
}
