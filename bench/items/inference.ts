import { idsDiffer, numbersDiffer } from "../agreement.js";
import { rateFigure } from "../figure.js";
import { generationWork, scoringWork } from "../workloads.js";
import type { Item } from "./item.js";

const ourModes = ["f32", "bf16-weights", "bf16"];

const scoreItem: Item = {
  name: "score-M",
  what: "log-likelihoods of 256 continuations of multiple-choice questions with M",
  async measure({ compare }) {
    const peer = ["f32", "bf16"].flatMap((precision) => [1, 8, 32].map((batch) => `${precision}-${batch}`));
    const work = await scoringWork("M");
    const name = "score-M";
    const modes = { ours: ourModes, peer };
    return [
      rateFigure(
        name,
        "continuations/s",
        1,
        await compare({ name, key: name, work, modes, seconds: 2, disagreement: numbersDiffer }),
      ),
    ];
  },
};

const generateItem: Item = {
  name: "generate-M",
  what: "8 prompts of 64 tokens continued greedily by 128 with M",
  async measure({ compare }) {
    const work = await generationWork("M");
    const name = "generate-M";
    const modes = { ours: ourModes, peer: ["f32", "bf16", "f32-static", "bf16-static"] };
    return [
      rateFigure(
        name,
        "tokens/s",
        1,
        await compare({ name, key: name, work, modes, seconds: 2, disagreement: idsDiffer }),
      ),
    ];
  },
};

export const inferenceItems: readonly Item[] = [scoreItem, generateItem];
