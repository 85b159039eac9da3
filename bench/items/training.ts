import type { Window } from "#strata/model/config/window.js";
import { numbersDiffer } from "../agreement.js";
import type { Bench, Comparison } from "../compare.js";
import { figureOf, rateFigure, type Figure } from "../figure.js";
import { sizes, type SizeName } from "../sizes.js";
import { trainingWork, wholeWindow } from "../workloads.js";
import type { Item } from "./item.js";

const peerModes = ["transformers", "plain"].flatMap((family) =>
  ["eager", "compile"].flatMap((how) => ["f32", "bf16"].map((precision) => `${family}-${how}-${precision}`)),
);

export async function stepComparison(name: SizeName, window: Window): Promise<Comparison> {
  const size = sizes[name];
  return {
    name: `step-${name}${suffix(name, window)}`,
    work: await trainingWork(size, window),
    modes: { ours: ["f32", "bf16", "f16"], peer: peerModes },
    key: `training-${name}`,
    seconds: 2,
    disagreement: numbersDiffer,
  };
}

/** All layers of S and M; the highest and the lowest window of B. */
function windowsOf(name: SizeName): readonly Window[] {
  if (name !== "B") return [wholeWindow(sizes[name])];
  return [12, 0].map((first) => ({ first, end: first + 4, embeddings: false }));
}

function suffix(name: SizeName, { first, end }: Window): string {
  return name === "B" ? `-${first}-${end}` : "";
}

function stepItem(name: SizeName): Item {
  const { B, T } = sizes[name];
  const layers = name === "B" ? "windows of 4 layers" : "all layers";
  return {
    name: `step-${name}`,
    what: `training step of ${layers} of ${name}, batch ${B}×${T}`,
    measure: (bench) =>
      forWindows(name, async (window) => {
        const outcome = await bench.compare(await stepComparison(name, window));
        return rateFigure(`step-${name}${suffix(name, window)}`, "tokens/s", 1, outcome);
      }),
  };
}

function memoryItem(name: SizeName): Item {
  return {
    name: `memory-${name}`,
    what: `peak resident memory of step-${name}`,
    measure: (bench) => forWindows(name, (window) => memoryFigure(bench, name, window)),
  };
}

async function memoryFigure(bench: Bench, name: SizeName, window: Window): Promise<Figure> {
  const outcome = await bench.compare(await stepComparison(name, window));
  const [ours, peer] = [outcome.ours, outcome.peer].map((side) =>
    side?.peakBytes == null ? null : side.peakBytes / 1e9,
  );
  return figureOf(`memory-${name}${suffix(name, window)}`, "GB", ours, peer, outcome);
}

async function forWindows(name: SizeName, measure: (window: Window) => Promise<Figure>): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const window of windowsOf(name)) figures.push(await measure(window));
  return figures;
}

export const trainingItems: readonly Item[] = [
  stepItem("S"),
  stepItem("M"),
  stepItem("B"),
  memoryItem("M"),
  memoryItem("B"),
];
