import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";

export interface TextMarks {
  readonly bosId: number | null;
  readonly eosIds: readonly number[];
}

/** The tokens that mark begin and end of a text, as tokenizer_config.json names them. */
export interface MarkTokens {
  readonly bos_token?: string;
  readonly eos_token?: string;
}

/**
 * The marks of begin and end of a text: `bos_token` and `eos_token` of tokenizer_config.json, or else of
 * special_tokens_map.json, and the further ends that generation_config.json lists; where no file names any, `otherwise`.
 *
 * @throws StrataError if a named token is not in the vocabulary
 */
export function readTextMarks(
  folder: string,
  idOf: (token: string) => number | undefined,
  otherwise: MarkTokens = {},
): TextMarks {
  const written = ["tokenizer_config.json", "special_tokens_map.json"].map((name) => readObject(join(folder, name)));
  const named: readonly Readonly<Record<string, unknown>>[] = [...written, { ...otherwise }];
  const find = (key: string): number | null => {
    const token = named.map((file) => tokenText(file[key])).find((text) => text !== null);
    if (token === undefined || token === null) return null;
    const id = idOf(token);
    if (id !== undefined) return id;
    throw new StrataError("TokenizerError", {
      where: `${folder} ${key}`,
      expected: "a token of the vocabulary",
      got: JSON.stringify(token),
      hint: "Correct tokenizer_config.json: it must belong to the tokenizer.json beside it.",
    });
  };
  const eosId = find("eos_token");
  const further = [readObject(join(folder, "generation_config.json")).eos_token_id].flat();
  const eosIds = [eosId, ...further].filter((id): id is number => Number.isInteger(id));
  return { bosId: find("bos_token"), eosIds: [...new Set(eosIds)] };
}

/** Tokens stand there as text, or as an object with their content. */
function tokenText(value: unknown): string | null {
  const text = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
  return typeof text === "string" ? text : null;
}

export function readObject(path: string): Readonly<Record<string, unknown>> {
  return existsSync(path) ? (readJson(path) as Record<string, unknown>) : {};
}

/** @throws StrataError if there is no such file, or it is not JSON */
export function readJson(path: string): unknown {
  const fail = (expected: string, error: unknown, hint: string) =>
    new StrataError("TokenizerError", { where: path, expected, got: (error as Error).message, hint }, { cause: error });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fail("a tokenizer file", error, "Give the path of a tokenizer.json, or of a folder that holds one.");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fail("JSON", error, "The file is damaged: fetch or write it again.");
  }
}
