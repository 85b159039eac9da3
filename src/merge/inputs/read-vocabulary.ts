import { existsSync } from "node:fs";
import { join } from "node:path";
import { mergeError, shownValue } from "../merge-error.js";
import { readText } from "../../files/read-text.js";

/** A token that a tokenizer finds before all others, as tokenizer.json describes it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly [setting: string]: unknown;
}

/** The tokens of a model folder. */
export interface Vocabulary {
  /** tokenizer.json */
  readonly path: string;
  readonly text: string;
  /** Token → id, added ones included, in the order of ids. */
  readonly ids: ReadonlyMap<string, number>;
  readonly added: readonly AddedToken[];
}

/** @throws StrataError if the folder has no tokenizer.json, or its vocabulary cannot be read */
export function readVocabulary(folder: string): Vocabulary {
  const path = join(folder, "tokenizer.json");
  if (!existsSync(path)) {
    const got = existsSync(join(folder, "tokenizer.model")) ? "only tokenizer.model" : "no such file";
    const hint = "Load the tokenizer in transformers and save it again: it writes tokenizer.json.";
    throw mergeError(path, "tokenizer.json, by which vocabularies are merged", got, hint);
  }
  const text = readText(path);
  const hint = "Copy the tokenizer again from its source.";
  let content: { readonly model?: { readonly vocab?: unknown }; readonly added_tokens?: unknown } | null;
  try {
    content = JSON.parse(text) as typeof content;
  } catch (error) {
    throw mergeError(path, "JSON", (error as Error).message, hint, error);
  }
  const added = content?.added_tokens ?? [];
  if (!isAddedTokens(added))
    throw mergeError(`${path} added_tokens`, "a list of tokens with id and content", shownValue(added), hint);
  const entries = [
    ...vocabularyEntries(content?.model?.vocab, path),
    ...added.map(({ content: token, id }) => [token, id] as const),
  ];
  const ids = new Map([...entries].sort(([, a], [, b]) => a - b));
  return { path, text, ids, added };
}

/** Of BPE and WordPiece a mapping, of Unigram a list. */
function vocabularyEntries(vocabulary: unknown, path: string): (readonly [string, number])[] {
  if (Array.isArray(vocabulary))
    return vocabulary.map((item: unknown, id) => [String((item as unknown[])[0]), id] as const);
  if (typeof vocabulary === "object" && vocabulary !== null)
    return Object.entries(vocabulary as Record<string, number>);
  throw mergeError(
    `${path} model.vocab`,
    "a vocabulary",
    shownValue(vocabulary),
    "Copy the tokenizer again from its source.",
  );
}

function isAddedTokens(value: unknown): value is readonly AddedToken[] {
  const isToken = (token: Partial<AddedToken> | null) =>
    typeof token?.content === "string" && Number.isSafeInteger(token.id);
  return Array.isArray(value) && value.every(isToken);
}
