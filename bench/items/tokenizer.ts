import { proofsDiffer } from "../agreement.js";
import type { Bench } from "../compare.js";
import { figureOf, rateFigure, type Figure } from "../figure.js";
import { areThere, mergesWork, tokenizingWork } from "../tokenizer-work.js";
import type { Item } from "./item.js";

const peerModes = ["encode", "batch", "batch-fast"];

/** Encodes prose with Llama 3's vocabulary on a number of threads. */
function encodeItem(name: string, what: string, threadsOf: (bench: Bench) => number): Item {
  return itemWithTexts(name, what, async (bench) => {
    const work = await tokenizingWork(bench.options.sources, threadsOf(bench));
    const modes = { ours: ["pool"], peer: peerModes };
    return rateFigure(
      name,
      "MB/s",
      1e-6,
      await bench.compare({ name, key: name, work, modes, seconds: 2, disagreement: proofsDiffer }),
    );
  });
}

const mergesName = "tokenizer-train";

const mergesItem = itemWithTexts(
  mergesName,
  "training a BPE of 8192 tokens on 10 MB of prose, with the same merges",
  async (bench) => {
    const work = await mergesWork(bench.options.sources, bench.options.threads);
    const comparison = {
      name: mergesName,
      key: mergesName,
      work,
      modes: { ours: ["merges"], peer: ["merges"] },
      seconds: 0,
      disagreement: proofsDiffer,
    };
    return rateFigure(mergesName, "MB/s", 1e-6, await bench.compare(comparison));
  },
);

function itemWithTexts(name: string, what: string, measure: (bench: Bench) => Promise<Figure>): Item {
  return {
    name,
    what,
    async measure(bench) {
      if (areThere(bench.options.sources)) return [await measure(bench)];
      bench.options.onProgress(`${name}: skipped without --tokenizer and --texts`);
      return [figureOf(name, "MB/s", null, null, { ours: null, peer: null })];
    },
  };
}

export const tokenizerItems: readonly Item[] = [
  encodeItem("tokenizer-1", "prose encoded with Llama 3's vocabulary on one thread", () => 1),
  encodeItem("tokenizer-all", "the same on all threads", ({ options }) => options.threads),
  mergesItem,
];
