import type { Device } from "#strata/device/kernels.js";
import { generate } from "#strata/model/inference/generate.js";
import type { Assignment, GenerationWork } from "../work.js";
import { openInference } from "./open-model.js";
import type { Prepared } from "./prepared.js";

/** Greedy continuation of all prompts in one batch. Units are new tokens. */
export async function prepareGeneration(device: Device, work: Assignment<GenerationWork>): Promise<Prepared> {
  const model = openInference(device, work);
  const continued = () =>
    generate(model, work.prompts, { maxTokens: work.count, temperature: 0, seed: 0, stop: () => false });
  const run = async () => (await continued()).reduce((sum, { length }) => sum + length, 0);
  return { run, proof: (await continued()).map(([id]) => id) };
}
