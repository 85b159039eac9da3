import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig, type ModelConfig } from "../model/config/model-config.js";
import { openModelFolder, type ModelFolder } from "../model/files/model-folder.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import { StrataError } from "../errors/strata-error.js";
import { canonicalJson } from "../files/hash.js";
import type { StoredTensor } from "../tensor/safetensors.js";

export interface MergePart {
  readonly folder: string;
  readonly window: Window;
}

/** One tensor of the merge: the base's, those of the parts that trained it, and those of the parts that held it frozen. */
export interface TensorSources {
  readonly parameter: Parameter;
  readonly base: StoredTensor;
  readonly owners: readonly { readonly part: number; readonly tensor: StoredTensor }[];
  readonly frozen: readonly StoredTensor[];
}

/** @throws StrataError naming the first part, tensor or member of the configuration that does not fit the base */
export function openSources(
  baseFolder: string,
  parts: readonly MergePart[],
): { base: ModelFolder; tensors: TensorSources[] } {
  if (parts.length === 0) {
    throw new StrataError("MergeError", {
      where: baseFolder,
      expected: "at least one part to merge",
      got: "none",
      hint: "Name the folders of the trained parts.",
    });
  }
  const base = openModelFolder(baseFolder);
  const folders = parts.map(({ folder }) => openPart(base, folder));
  const tensors = parameters(base.config).map((parameter) => {
    const stored = parts.map(({ window }, part) => ({
      part,
      tensor: tensorOf(folders[part], parameter.name),
      trained: isTrained(parameter, window),
    }));
    return {
      parameter,
      base: tensorOf(base, parameter.name),
      owners: stored.filter(({ trained }) => trained).map(({ part, tensor }) => ({ part, tensor })),
      frozen: stored.filter(({ trained }) => !trained).map(({ tensor }) => tensor),
    };
  });
  return { base, tensors };
}

/**
 * With equal configurations both folders hold the same names and shapes: `openModelFolder` checks each against its own.
 * The ids of special tokens are the tokenizer's matter and are not compared.
 */
function openPart(base: ModelFolder, folder: string): ModelFolder {
  const path = join(folder, "config.json");
  const shape = ({ bosId: _bos, eosIds: _eos, ...rest }: ModelConfig): Record<string, unknown> => rest;
  const got = shape(readConfig(path));
  for (const [member, value] of Object.entries(shape(base.config))) {
    if (canonicalJson(got[member]) === canonicalJson(value)) continue;
    throw new StrataError("MergeError", {
      where: `${path} ${member}`,
      expected: `${canonicalJson(value)} as in ${base.folder}`,
      got: canonicalJson(got[member]),
      hint: "This part was trained from another model: leave it out, or train it again from this base.",
    });
  }
  try {
    return openModelFolder(folder);
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    const hint = `All tensors of ${base.folder} must be in every part: leave this part out, or train it again from this base.`;
    throw new StrataError("MergeError", { ...error.parts, hint }, { cause: error });
  }
}

function readConfig(path: string): ModelConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new StrataError(
      "MergeError",
      {
        where: path,
        expected: "the configuration of a part",
        got: "no such file",
        hint: "Check the path of the part.",
      },
      { cause: error },
    );
  }
  return parseConfig(JSON.parse(text), path);
}

function tensorOf({ folder, tensors }: ModelFolder, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`${folder} was opened without ${name}`);
  return tensor;
}
