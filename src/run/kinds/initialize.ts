import { copyFileSync, existsSync, readdirSync, symlinkSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { plainLlama } from "../../model/config/architecture.js";
import { writeInitialModel } from "../../model/files/initialize.js";
import { openModelFolder } from "../../model/files/model-folder.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { totalParameters } from "../../model/config/parameter-counts.js";
import { openTokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import type { SourceFile } from "../../jobs/source-file.js";
import { isTokenizerFile } from "./tokenizer.js";

/** The shape of a model without its vocabulary, which comes from the tokenizer. */
export type Shape = Omit<ModelConfig, "vocabSize" | "bosId" | "eosIds" | keyof typeof plainLlama>;

export type InitializeParameters =
  | { readonly random: Shape; readonly seed: number }
  | { readonly files: readonly SourceFile[] };

/** Random weights with the tokenizer of the run, or symbolic links to the files of a Hugging Face folder. */
export async function runInitialize(context: JobContext): Promise<JobResult> {
  const parameters = context.job.parameters as InitializeParameters;
  const started = performance.now();
  const folder = join(context.folder, "model");
  createFolder(folder);
  if ("files" in parameters) {
    for (const { path } of parameters.files) {
      const link = join(folder, basename(path));
      if (!existsSync(link)) symlinkSync(resolve(path), link);
    }
  } else {
    const tokenizer = openTokenizer(context.input("tokenizer"));
    const { vocabSize, bosId, eosIds } = tokenizer;
    const config: ModelConfig = { ...plainLlama, ...parameters.random, vocabSize, bosId, eosIds };
    await writeInitialModel(folder, config, parameters.seed);
    for (const name of readdirSync(context.input("tokenizer")).filter(isTokenizerFile)) {
      copyFileSync(join(context.input("tokenizer"), name), join(folder, name));
    }
  }
  const { config, notes } = openModelFolder(folder);
  for (const note of notes) context.note(note);
  return { seconds: (performance.now() - started) / 1000, result: { config, parameters: totalParameters(config) } };
}
