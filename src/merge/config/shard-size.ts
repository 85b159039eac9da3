import { mergeError } from "../merge-error.js";

const factors: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, b: 1e9 };

/**
 * Parses a number of bytes with an optional suffix: k, m or b, which multiply it by 1000, 1000² and 1000³. 0: no limit.
 *
 * @throws StrataError that names the flag
 */
export function parseShardSize(text: string): number {
  const [, digits, suffix] = /^(\d+)([kmb]?)$/i.exec(text) ?? [];
  const bytes = digits === undefined ? NaN : Number(digits) * factors[suffix.toLowerCase()];
  if (Number.isSafeInteger(bytes)) return bytes;
  const hint =
    "A whole number of bytes, alone or with k, m or b: 500m is 500 megabytes, 5b is 5 gigabytes; 1500m instead of " +
    "1.5b.";
  throw mergeError("--out-shard-size", "a whole number with an optional k, m or b", JSON.stringify(text), hint);
}
