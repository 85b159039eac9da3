import { readFileSync } from "node:fs";

/** A file of test/golden/harness. */
export function goldenFile<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../../../golden/harness/${name}`, import.meta.url), "utf8"));
}
