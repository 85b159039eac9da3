import { copyFileSync, existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { trainTokenizer, openTokenizer, writeTokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../execute-job.js";
import type { SourceFile } from "../source-file.js";
import { trainingTexts, type DataParameters } from "./data.js";

export type TokenizerParameters =
  | { readonly files: readonly SourceFile[] }
  | { readonly data: readonly DataParameters[]; readonly vocabularySize: number; readonly maximumBytes: number };

/** The files of a model folder that belong to its tokenizer. */
const tokenizerFiles = [
  "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json",
  "chat_template.jinja",
];

export function isTokenizerFile(path: string): boolean {
  return tokenizerFiles.includes(basename(path));
}

export async function runTokenizer(context: JobContext): Promise<JobResult> {
  const parameters = context.job.parameters as TokenizerParameters;
  const started = performance.now();
  if ("files" in parameters) copyTokenizer(parameters.files, context.folder);
  else {
    const texts = limited(parameters.data, parameters.maximumBytes, (bytes) =>
      context.progress({ done: bytes, total: parameters.maximumBytes, unit: "bytes", note: "" }),
    );
    writeTokenizer(context.folder, await trainTokenizer(texts, { vocabularySize: parameters.vocabularySize }));
  }
  const { vocabularySize } = openTokenizer(context.folder);
  return { seconds: (performance.now() - started) / 1000, result: { vocabularySize } };
}

function copyTokenizer(files: readonly SourceFile[], folder: string): void {
  for (const { path } of files) {
    copyFileSync(path, join(folder, isTokenizerFile(path) ? basename(path) : "tokenizer.json"));
    const config = join(dirname(path), "tokenizer_config.json");
    if (existsSync(config)) copyFileSync(config, join(folder, "tokenizer_config.json"));
  }
}

/** Documents of all sets in turn, until `maximumBytes` were given; each set gives at most its even share. */
async function* limited(
  sets: readonly DataParameters[], maximumBytes: number, tell: (bytes: number) => void,
): AsyncIterable<string> {
  let bytes = 0;
  for (const [i, data] of sets.entries()) {
    const limit = (maximumBytes * (i + 1)) / sets.length;
    for await (const text of trainingTexts(data)) {
      if (bytes >= limit) break;
      bytes += Buffer.byteLength(text);
      tell(bytes);
      yield text;
    }
  }
}
