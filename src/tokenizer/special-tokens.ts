import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import { refuseLfsPointerFile } from "../files/lfs-pointer.js";

export interface BosEosIds {
  readonly bosId: number | null;
  readonly eosIds: readonly number[];
}

/** BOS and EOS tokens under the keys of tokenizer_config.json. */
export interface BosEosTokens {
  readonly bos_token?: string;
  readonly eos_token?: string;
}

/**
 * Reads the ids of BOS and EOS: `bos_token` and `eos_token` of tokenizer_config.json, else of special_tokens_map.json,
 * else of `fallback`; and the additional EOS ids of generation_config.json.
 *
 * @throws StrataError if a named token is not in the vocabulary
 */
export function readBosEos(
  folder: string,
  idOf: (token: string) => number | undefined,
  fallback: BosEosTokens = {},
): BosEosIds {
  const fromFiles = ["tokenizer_config.json", "special_tokens_map.json"].map((name) => readObject(join(folder, name)));
  const named: readonly Readonly<Record<string, unknown>>[] = [...fromFiles, { ...fallback }];
  const find = (key: string): number | null => {
    const token = named.map((file) => tokenText(file[key])).find((text) => text !== null);
    if (token === undefined || token === null) return null;
    const id = idOf(token);
    if (id !== undefined) return id;
    throw new StrataError("TokenizerError", {
      where: `${folder} ${key}`,
      expected: "a token of the vocabulary",
      got: JSON.stringify(token),
      hint: "Correct tokenizer_config.json: it must belong to the tokenizer.json in the same folder.",
    });
  };
  const eosId = find("eos_token");
  const additional = [readObject(join(folder, "generation_config.json")).eos_token_id].flat();
  const eosIds = [eosId, ...additional].filter((id): id is number => Number.isInteger(id));
  return { bosId: find("bos_token"), eosIds: [...new Set(eosIds)] };
}

/** A token is written as text, or as an object with its `content`. */
function tokenText(value: unknown): string | null {
  const text = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
  return typeof text === "string" ? text : null;
}

export function readObject(path: string): Readonly<Record<string, unknown>> {
  return existsSync(path) ? (readJson(path) as Record<string, unknown>) : {};
}

/** @throws StrataError if the file does not exist or is not JSON */
export function readJson(path: string): unknown {
  const fail = (expected: string, error: unknown, hint: string) =>
    new StrataError("TokenizerError", { where: path, expected, got: (error as Error).message, hint }, { cause: error });
  let text: string;
  refuseLfsPointerFile(path);
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fail("a tokenizer file", error, "Give the path of a tokenizer.json, or of a folder that contains one.");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fail("JSON", error, "The file is damaged: download or write it again.");
  }
}
