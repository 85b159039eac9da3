import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Keys of ledger.json that may differ between two runs of one recipe on one machine. */
const varying = new Set(["date", "machine", "device", "threads", "commit", "shared"]);
const isVarying = (key) => varying.has(key) || /seconds$/i.test(key);

/**
 * What two runs of one recipe must have in common: the bytes of every output, as files and as recorded, and every
 * figure of the report but durations.
 *
 * @returns sha256 by path; a file that is missing or that differs from its record has a value that says so
 */
export function fingerprint(store) {
  const entries = {};
  const jobs = join(store, "jobs");
  for (const id of readdirSync(jobs).sort()) {
    const path = join(jobs, id, "done.json");
    if (!existsSync(path)) continue;
    const { outputs, pruned } = JSON.parse(readFileSync(path, "utf8"));
    for (const [name, { sha256 }] of Object.entries(outputs)) {
      entries[`${id}/${name}`] = pruned === true ? sha256 : hashOf(join(jobs, id, name), sha256);
    }
  }
  const ledger = JSON.parse(readFileSync(join(store, "torture/ledger.json"), "utf8"));
  const text = JSON.stringify(ledger, (key, value) => (isVarying(key) ? undefined : value));
  entries["torture/ledger.json"] = createHash("sha256").update(text).digest("hex");
  for (const name of ["report.html", "report.md"]) {
    entries[`torture/${name}`] = existsSync(join(store, "torture", name)) ? "written" : "missing";
  }
  return entries;
}

function hashOf(path, recorded) {
  if (!existsSync(path)) return "missing";
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  return sha256 === recorded ? sha256 : `${sha256}, recorded as ${recorded}`;
}

/** @returns the paths that differ */
export function differences(expected, found) {
  const paths = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...paths].filter((path) => expected[path] !== found[path]).sort();
}
