import { existsSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import { refuseLfsPointerFile } from "../files/lfs-pointer.js";
import { parseConfigJson } from "../text/parse-config-json.js";
import { section, type Section } from "./format/section.js";
import { readText } from "../files/read-text.js";

export interface BosEosIds {
  readonly bosId: number | null;
  readonly eosIds: readonly number[];
}

/** The contents of tokens by key, such as `bos_token`. */
export type NamedTokens = Readonly<Record<string, string>>;

/**
 * The ids of the tokens named `bos_token` and `eos_token`, and the additional EOS ids of generation_config.json.
 *
 * @throws StrataError if a named token is not in the vocabulary
 */
export function readBosEos(folder: string, named: NamedTokens, idOf: (token: string) => number | undefined): BosEosIds {
  const find = (key: string): number | null => {
    const token = named[key];
    if (token === undefined) return null;
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

/** Reads a file beside a vocabulary; empty if there is none. @throws StrataError if it is not a JSON object */
export function readObject(path: string): Section {
  return existsSync(path) ? section(readJson(path, parseConfigJson), path) : {};
}

/** @throws StrataError if the file does not exist or is not JSON */
export function readJson(path: string, parse: (text: string) => unknown = JSON.parse): unknown {
  const fail = (expected: string, error: unknown, hint: string) =>
    new StrataError("TokenizerError", { where: path, expected, got: (error as Error).message, hint }, { cause: error });
  let text: string;
  refuseLfsPointerFile(path);
  try {
    text = readText(path);
  } catch (error) {
    throw fail("a tokenizer file", error, "Give the path of a tokenizer.json, or of a folder that contains one.");
  }
  try {
    return parse(text);
  } catch (error) {
    throw fail("JSON", error, "The file is damaged: download or write it again.");
  }
}
