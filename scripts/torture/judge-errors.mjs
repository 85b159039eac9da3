import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/** What only a defect prints. */
const crashes = [
  /^\s+at .+[:(]\S+:\d+:\d+\)?$/m,
  /\b(Type|Syntax|Range|Reference|Assertion)Error\b/,
  /\bnode:internal\b/,
  /\bUncaught|unhandled/i,
  /Segmentation fault|SIGSEGV|SIGABRT|SIGBUS/,
  /Error: (?!.* — )[A-Z]+: .*, (open|read|write|fsync|rename|stat|scandir|unlink)/,
];

/**
 * @param names  what the errors must name, such as /ENOSPC/; by default a place, what was expected and what was found
 * @returns what is wrong with the errors that a run printed, or null
 */
export function errorProblem({ code, signal, err }, names = /\S+Error: \S+.* — expected .+, got .+/s) {
  if (code === null) return `ended by ${signal}`;
  for (const pattern of crashes) {
    const [found] = pattern.exec(err) ?? [];
    if (found !== undefined) return `a crash: ${found.trim()}`;
  }
  if (!names.test(err)) return `an error that does not say what happened (expected ${names}): ${err.slice(-600)}`;
  return null;
}

/**
 * Does what the hints of a run's errors say: removes the files or folders that they name, if those are in the store.
 *
 * @returns the removed paths; empty if a hint says only to run the same command again
 */
export function followHints({ err }, store) {
  const paths = [];
  for (const [, where, hint] of err.matchAll(/\S+Error: ([^\n]+) — [^\n]*\n([^\n]*)/g)) {
    const file = where.split(" ")[0].replace(/:\d+(:\d+)?$/, "");
    const [, folder] = /remove the folder (\/\S+)/.exec(hint) ?? [];
    if (folder !== undefined) paths.push(folder);
    else if (/remove (it|the file)\b/i.test(hint)) paths.push(file);
    else if (/remove (its folder|the folder that holds it)/i.test(hint)) paths.push(dirname(file));
  }
  const removed = [...new Set(paths)].filter((path) => path.startsWith(`${store}/`) && existsSync(path));
  for (const path of removed) rmSync(path, { recursive: true });
  return removed;
}
