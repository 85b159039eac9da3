import type { EvaluationTask } from "../../src/evaluate/evaluate.js";
import { encodePartsForLoss } from "../../src/evaluate/request/encode-loss.js";
import { bytes } from "./byte-tokenizer.js";

export const documents = [
  "a",
  "The cat sat on the mat.",
  "",
  "One document that is longer than a window of sixteen positions.",
  "xyz é",
];

export const loss: EvaluationTask = {
  name: "loss",
  kind: "loss",
  documents: documents.map((text) => encodePartsForLoss(bytes, [text], "all")),
};
