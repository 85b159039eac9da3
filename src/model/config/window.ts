import type { Parameter } from "./parameters.js";

/** What a part trains: layers first ≤ l < end; with `embeddings` also embedding, final norm and output head. */
export interface Window {
  readonly first: number;
  readonly end: number;
  readonly embeddings: boolean;
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
  return window.embeddings ? window : windowOver(window.first, window.end, layers);
}

export function isTrained({ layer }: Pick<Parameter, "layer">, window: Window): boolean {
  return layer === null ? window.embeddings : window.first <= layer && layer < window.end;
}

/** The lowest layer that gradients flow back through; with the embedding trained, layer 0. */
export function lowestLayer({ first, embeddings }: Window): number {
  return embeddings ? 0 : first;
}

/** `full`, `0-4` (half-open) or `0-4+embeddings`. */
export const windowPattern = /^(?:full|(\d+)-(\d+)(\+embeddings)?)$/;

/** Null for text that is no window. */
export function parseWindow(text: string): WrittenWindow | null {
  const match = windowPattern.exec(text);
  if (match === null) return null;
  const [, first, end, embeddings] = match;
  return first === undefined
    ? "full"
    : { first: Number(first), end: Number(end), embeddings: embeddings !== undefined };
}

/** As recipes write it. */
export function formatWrittenWindow(window: WrittenWindow): string {
  return window === "full" ? "full" : `${formatWindow(window)}${window.embeddings ? "+embeddings" : ""}`;
}

/** The range of layers: `0-4`. */
export function formatWindow({ first, end }: Pick<Window, "first" | "end">): string {
  return `${first}-${end}`;
}
