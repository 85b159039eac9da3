import type { Parameter } from "./parameters.js";

/**
 * What a part trains: layers first ≤ l < end except those in `without`; with `embeddings` also embedding, final norm
 * and output head.
 */
export interface Window {
  readonly first: number;
  readonly end: number;
  readonly embeddings: boolean;
  /** Frozen layers between `first` and `end`, ascending; absent if there is none. */
  readonly without?: readonly number[];
}

/** A window as recipes write it: `full` is every layer of a model whose depth is not known yet. */
export type WrittenWindow = "full" | Window;

/** Every layer, with the embeddings. */
export function fullWindow(layers: number): Window {
  return { first: 0, end: layers, embeddings: true };
}

/** Layers first … end − 1; with the embeddings if these are all layers. */
export function windowOver(first: number, end: number, layers: number): Window {
  return { first, end, embeddings: first === 0 && end === layers };
}

/**
 * Scales a window to another depth: bounds in proportion, rounded, at least one layer. Windows that meet at one depth
 * meet at every depth.
 */
export function scaleWindow({ first, end }: Pick<Window, "first" | "end">, from: number, to: number): Window {
  const scaledFirst = Math.min(Math.round((first * to) / from), to - 1);
  const scaledEnd = Math.max(Math.round((end * to) / from), scaledFirst + 1);
  return windowOver(scaledFirst, scaledEnd, to);
}

/** The window of a model with this many layers; a written range of all layers has the embeddings. */
export function resolveWindow(window: WrittenWindow, layers: number): Window {
  if (window === "full") return fullWindow(layers);
  if (window.embeddings || window.without !== undefined) return window;
  return windowOver(window.first, window.end, layers);
}

/** The window of these layers, ascending and at least one. */
export function windowOfLayers(layers: readonly number[], embeddings: boolean): Window {
  const [first, end] = [layers[0], layers[layers.length - 1] + 1];
  const without = range(first, end).filter((layer) => !layers.includes(layer));
  return { first, end, embeddings, ...(without.length > 0 ? { without } : {}) };
}

/** Ascending. */
export function trainedLayers(window: Window): readonly number[] {
  return range(window.first, window.end).filter((layer) => isTrained({ layer }, window));
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}

export function isTrained({ layer }: Pick<Parameter, "layer">, { first, end, embeddings, without }: Window): boolean {
  if (layer === null) return embeddings;
  return first <= layer && layer < end && !without?.includes(layer);
}

/** The lowest layer that gradients flow back through; with the embedding trained, layer 0. */
export function lowestLayer({ first, embeddings }: Window): number {
  return embeddings ? 0 : first;
}

/** `full`; or half-open ranges and single layers, as in `0-4` or `0-4,8,10`, which `+embeddings` may follow. */
export const windowPattern = /^(?:full|(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)(\+embeddings)?)$/;

/** Null for text that is no window. A window with an empty range is that range. */
export function parseWindow(text: string): WrittenWindow | null {
  const match = windowPattern.exec(text);
  if (match === null) return null;
  const [, written, plus] = match;
  if (written === undefined) return "full";
  const embeddings = plus !== undefined;
  const ranges = written.split(",").map((part) => {
    const [first, end = first + 1] = part.split("-").map(Number);
    return { first, end };
  });
  const empty = ranges.find(({ first, end }) => first >= end);
  if (empty !== undefined || ranges.length === 1) return { ...(empty ?? ranges[0]), embeddings };
  const layers = ranges.flatMap(({ first, end }) => range(first, end)).sort((a, b) => a - b);
  return windowOfLayers(layers, embeddings);
}

/** As recipes write it. */
export function formatWrittenWindow(window: WrittenWindow): string {
  return window === "full" ? "full" : `${formatWindow(window)}${window.embeddings ? "+embeddings" : ""}`;
}

/** The layers: `0-4`, or `0-4,8,10`. */
export function formatWindow(window: Omit<Window, "embeddings">): string {
  const { first, end, without } = window;
  if (without === undefined) return `${first}-${end}`;
  const bounds = [first - 1, ...without, end];
  const ranges = bounds.slice(1).map((bound, i) => ({ first: bounds[i] + 1, end: bound }));
  return ranges
    .filter((one) => one.first < one.end)
    .map((one) => (one.end - one.first === 1 ? String(one.first) : `${one.first}-${one.end}`))
    .join(",");
}
