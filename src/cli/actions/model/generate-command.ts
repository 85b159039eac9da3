import type { ComputeDType } from "../../../device/kernels.js";
import type { DeviceName } from "../../../device/devices.js";
import { openDevice } from "../../../device/open-device.js";
import { generate } from "../../../model/inference/generate.js";
import { openModelFolder } from "../../../model/files/model-folder.js";
import { loadModel } from "../../../model/model.js";
import { fetchModelFolder } from "../../../run/sources/hub-sources.js";
import { prefixOf, type BosChoice } from "../../../tokenizer/bos.js";
import { openTokenizer } from "../../../tokenizer/tokenizer.js";
import { withHub } from "../hub-access.js";
import { machineLimits } from "../../environment/machine-limits.js";
import { notesText } from "../../view/notes-text.js";

export interface GenerateCommandOptions {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly threads?: number;
  readonly device: DeviceName;
  readonly dtype: ComputeDType;
  readonly bos: BosChoice;
  readonly json: boolean;
}

/** Prints the prompt, then each token as it is sampled; with `json` only the result. */
export async function generateCommand(options: GenerateCommandOptions): Promise<void> {
  const path = await withHub((hub) => fetchModelFolder(options.model, hub));
  const folder = openModelFolder(path);
  process.stderr.write(notesText(folder.notes));
  const tokenizer = openTokenizer(path);
  const device = await openDevice(options.device, options.threads ?? machineLimits().threads, options.dtype);
  const prompt = [...prefixOf(tokenizer, options.bos), ...tokenizer.encode(options.prompt)];
  const stream = tokenizer.startDecoding({ skipSpecial: true });
  if (!options.json) process.stdout.write(options.prompt);
  const model = loadModel(device, folder, null);
  const [tokens] = await generate(model, [prompt], {
    maxTokens: options.maxTokens,
    temperature: options.temperature,
    seed: options.seed,
    vocabSize: tokenizer.vocabSize,
    stop: (_row, soFar) => {
      if (!options.json) process.stdout.write(stream.push(soFar.at(-1) as number));
      return false;
    },
  }).finally(model.close);
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ prompt: options.prompt, text: tokenizer.decode(tokens, { skipSpecial: true }), tokens })}\n`,
    );
  } else process.stdout.write(`${stream.end()}\n`);
}
