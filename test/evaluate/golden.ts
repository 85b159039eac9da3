import { readFileSync } from "node:fs";

/** Cases recorded from the evaluation harness (lm-evaluation-harness 4e7e0d4); the `source` of each group says how. */
export function golden<Group>(name: string): Group {
  return JSON.parse(readFileSync(new URL("../golden/evaluation.json", import.meta.url), "utf8"))[name];
}
