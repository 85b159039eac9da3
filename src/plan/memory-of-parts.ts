import { frozenBytes } from "../model/cost.js";
import type { ModelConfig } from "../model/config/model-config.js";
import type { Window } from "../model/config/parameters.js";

/** What a part takes that runs beside others on one machine. */
export interface PartMemory {
  readonly window: Window;
  /** Alone. */
  readonly memoryBytes: number;
  /** Names the model that it starts from: parts of one share the pages of its file. */
  readonly start: string;
}

/**
 * Bytes of parts that run at a time on one machine: Σ of what is each part's own, and for each start the frozen weights once,
 * which are mapped from its file. A tensor counts as frozen that one of the parts at least does not train.
 */
export function memoryOfParts(
  config: ModelConfig,
  storedBytesPerElement: number,
  parts: readonly PartMemory[],
): number {
  const own = parts.map(
    ({ window, memoryBytes }) => memoryBytes - frozenBytes(config, [window], storedBytesPerElement),
  );
  const shared = [...new Set(parts.map(({ start }) => start))].map((start) =>
    frozenBytes(
      config,
      parts.filter((part) => part.start === start).map(({ window }) => window),
      storedBytesPerElement,
    ),
  );
  return [...own, ...shared].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * The most that `parallel` parts take together: from the largest on, always the part is added that adds most. Rounds of one
 * strategy are never at a time.
 */
export function peakMemory<Part extends PartMemory & { readonly strategy: string; readonly round: number }>(
  config: ModelConfig,
  storedBytesPerElement: number,
  parts: readonly Part[],
  parallel: number,
): number {
  const together: Part[] = [];
  let peak = 0;
  let left = parts;
  while (left.length > 0 && together.length < parallel) {
    const totals = left.map((part) => memoryOfParts(config, storedBytesPerElement, [...together, part]));
    peak = Math.max(...totals);
    const added = left[totals.indexOf(peak)];
    together.push(added);
    left = left.filter((part) => part !== added && (part.strategy !== added.strategy || part.round === added.round));
  }
  return peak;
}
