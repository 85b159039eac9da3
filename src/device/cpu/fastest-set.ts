/**
 * Which of a processor's sets multiplies fastest, by measurement. bf16: where pairs are slower than f32, as on Intel
 * processors without AMX, operands are rounded to bf16 and multiplied as f32. f32: by six products of AMX, or as f32.
 */
import { join } from "node:path";
import { sourcesKey } from "../../../native/addon-key.mjs";
import { keepRates, ratesKey, readRates, type MeasuredRates } from "../kept-rates.js";
import type { ProcessorDType } from "../device-kind.js";
import { dtypeCode } from "./cpu-buffer.js";
import type { NativeAddon } from "./native-addon.js";

export interface FastestSet {
  /** Index in the addon's list. */
  readonly index: number;
  /** Null if nothing was measured, because there was no choice or no file to keep it. */
  readonly rates: MeasuredRates | null;
}

/** A later set is chosen if it is faster by this factor, so that nearly equal sets do not depend on the measurement. */
const margin = 1.1;
const rounds = 9;
/** About a millisecond; not square, so that all ways have whole tiles. */
const size = { N: 448, I: 512, O: 512 };

/**
 * The fastest of the given sets. The first measurement on a machine is kept in a file, so that all later processes
 * choose the same and give the same bytes; if it cannot be kept, the first set is chosen.
 *
 * @param candidates  indices of sets that multiply `dtype` in different ways, in order of preference
 */
export function fastestSet(
  addon: NativeAddon,
  dtype: ProcessorDType,
  candidates: readonly number[],
  cacheFolder: string,
): FastestSet {
  const [first] = candidates;
  if (candidates.length < 2) return { index: first, rates: null };
  const names = candidates.map((index) => addon.instructionSets[index].name);
  // Of sources and sets, so that other kernels are measured anew; of the processor, as machines may share a home.
  const file = join(cacheFolder, `${dtype}-${ratesKey([sourcesKey(), ...names])}.json`);
  const rates = readRates(file, names) ?? keepRates(file, names, measure(addon, dtype, candidates, names));
  return rates === null ? { index: first, rates } : { index: candidates[chooseByRate(names, rates)], rates };
}

/** The position of the set to use. @param names  in order of preference */
export function chooseByRate(names: readonly string[], rates: MeasuredRates): number {
  return names.reduce((best, name, at) => (rates[name] > margin * rates[names[best]] ? at : best), 0);
}

/** The best of rounds in turn: other programs interrupt some of them. */
function measure(
  addon: NativeAddon,
  dtype: ProcessorDType,
  candidates: readonly number[],
  names: readonly string[],
): MeasuredRates {
  const { N, I, O } = size;
  const ones = (length: number) =>
    dtype === "f32" ? new Float32Array(length).fill(1) : new Uint16Array(length).fill(0x3f80);
  const [x, w] = [ones(N * I), ones(O * I)];
  const code = dtypeCode[dtype];
  const out = new Float32Array(N * O);
  const contexts = candidates.map((index) => addon.createContext(index, 1, code));
  const best = names.map(() => Infinity);
  for (let round = 0; round <= rounds; round++)
    contexts.forEach((context, at) => {
      const begin = performance.now();
      addon.matmul(context, out, dtypeCode.f32, x, code, w, code, null, false, N, I, O);
      // The first round allocates memory.
      if (round > 0) best[at] = Math.min(best[at], performance.now() - begin);
    });
  return Object.fromEntries(names.map((name, at) => [name, (2 * N * I * O) / (best[at] / 1000)]));
}
