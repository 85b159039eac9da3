/** Rates that are measured once on a machine, so that all processes decide in the same way and give the same bytes. */
import { createHash } from "node:crypto";
import { existsSync, linkSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { readText } from "../files/read-text.js";

/** FLOP/s of products, by name. */
export type MeasuredRates = Readonly<Record<string, number>>;

/** A name for a file of rates. @param parts  what the rates depend on besides the processor */
export function ratesKey(parts: readonly string[]): string {
  const all = [cpus()[0]?.model, ...parts];
  return createHash("sha256").update(all.join("\0")).digest("hex").slice(0, 16);
}

/** The rates in a file; null if it does not have them all. */
export function readRates(file: string, names: readonly string[]): MeasuredRates | null {
  try {
    const { rates } = JSON.parse(readText(file)) as { rates: MeasuredRates };
    return names.every((name) => rates[name] > 0) ? rates : null;
  } catch {
    return null;
  }
}

/** A rate that was kept, or is measured now. Null if it could not be kept: another process may measure another. */
export async function keptRate(file: string, name: string, measure: () => Promise<number>): Promise<number | null> {
  const rates = readRates(file, [name]) ?? keepRates(file, [name], { [name]: await measure() });
  return rates === null ? null : rates[name];
}

/** Keeps the rates unless another process has kept its own in the meantime. @returns those in the file, or null */
export function keepRates(file: string, names: readonly string[], rates: MeasuredRates): MeasuredRates | null {
  const partial = `${file}.${process.pid}`;
  try {
    createFolder(dirname(file));
    writeFileSync(partial, `${JSON.stringify({ machine: cpus()[0]?.model, rates }, null, 2)}\n`);
    if (readRates(file, names) === null) rmSync(file, { force: true });
    linkSync(partial, file);
  } catch {
    // The file of the other process remains, or none.
  }
  if (existsSync(partial)) rmSync(partial);
  return readRates(file, names);
}
