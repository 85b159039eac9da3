import { importLlama2c } from "../../../convert/llama2c/import-model.js";
import { totalParameters } from "../../../model/config/parameter-counts.js";
import { importLlama2cVocabulary } from "../../../convert/llama2c/import-vocabulary.js";

export interface ImportLlama2cOptions {
  readonly tokenizer?: string;
  readonly json: boolean;
}

/** Converts a model of llama2.c, with its vocabulary if given, to a Hugging Face folder. */
export async function importLlama2cCommand(
  model: string,
  folder: string,
  options: ImportLlama2cOptions,
): Promise<void> {
  const config = await importLlama2c(model, folder);
  if (options.tokenizer !== undefined) importLlama2cVocabulary(options.tokenizer, folder);
  const parameters = totalParameters(config);
  const tokenizer = options.tokenizer !== undefined;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ folder, parameters, tokenizer })}\n`
      : `${folder}: ${parameters} parameters, ${tokenizer ? "with" : "without"} a tokenizer\n`,
  );
}
