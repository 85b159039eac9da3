import { copyFileSync, existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { mergesBeside, vocabularyFiles } from "../../tokenizer/format/read-tokenizer.js";
import { trainTokenizer, openTokenizer, writeTokenizer } from "../../tokenizer/tokenizer.js";
import { isFolder } from "../../files/is-folder.js";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import { sourceFile, sourceFolder, type SourceFile } from "../../jobs/source-file.js";
import { trainingTexts, type DataParameters } from "./data.js";

export type TokenizerParameters =
  | { readonly files: readonly SourceFile[] }
  | { readonly data: readonly DataParameters[]; readonly vocabSize: number; readonly maxBytes: number };

/** Files that may accompany a vocabulary. */
const companions = [
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "generation_config.json",
  "chat_template.jinja",
  "chat_template.json",
];

/** Whether a file of a model folder belongs to its tokenizer. */
export function isTokenizerFile(path: string): boolean {
  return vocabularyFiles.includes(basename(path)) || companions.includes(basename(path));
}

/** The files of a recipe's tokenizer: those in a folder, or a vocabulary file with its companions. */
export async function tokenizerSources(path: string): Promise<SourceFile[]> {
  if (isFolder(path)) return (await sourceFolder(path)).filter((file) => isTokenizerFile(file.path));
  const beside = [...companions, ...mergesBeside(basename(path))]
    .map((name) => join(dirname(path), name))
    .filter(existsSync);
  return Promise.all([path, ...beside].map(sourceFile));
}

/** Refuses Git LFS pointers among the files that are read: companions, and the first vocabulary with its merges. */
export function refusePointers(files: readonly Pick<SourceFile, "path">[]): void {
  const paths = files.map(({ path }) => path);
  const vocabulary = vocabularyFiles.find((name) => paths.some((path) => basename(path) === name)) ?? "";
  const read = [vocabulary, ...mergesBeside(vocabulary), ...companions];
  for (const path of paths) if (read.includes(basename(path))) refuseLfsPointerFile(path);
}

export async function runTokenizer(context: JobContext): Promise<JobResult> {
  const parameters = context.job.parameters as TokenizerParameters;
  const started = performance.now();
  if ("files" in parameters) copyTokenizer(parameters.files, context.folder);
  else {
    const texts = limitTexts(parameters.data, parameters.maxBytes, (bytes) =>
      context.progress({ done: bytes, total: parameters.maxBytes, unit: "bytes", note: "" }),
    );
    writeTokenizer(context.folder, await trainTokenizer(texts, { vocabSize: parameters.vocabSize }));
  }
  const { vocabSize } = openTokenizer(context.folder);
  return { seconds: (performance.now() - started) / 1000, result: { vocabSize } };
}

function copyTokenizer(files: readonly SourceFile[], folder: string): void {
  for (const { path } of files)
    copyFileSync(path, join(folder, isTokenizerFile(path) ? basename(path) : standardName(path)));
}

/** A vocabulary under another name is recognized by its extension. */
function standardName(path: string): string {
  return path.endsWith(".model") ? "tokenizer.model" : "tokenizer.json";
}

/** Yields documents of each data set in turn, until data set i of n has raised the total to (i + 1)/n of `maxBytes`. */
async function* limitTexts(
  sets: readonly DataParameters[],
  maxBytes: number,
  onBytes: (bytes: number) => void,
): AsyncIterable<string> {
  let bytes = 0;
  for (const [i, data] of sets.entries()) {
    const limit = (maxBytes * (i + 1)) / sets.length;
    for await (const text of trainingTexts(data)) {
      if (bytes >= limit) break;
      bytes += Buffer.byteLength(text);
      onBytes(bytes);
      yield text;
    }
  }
}
