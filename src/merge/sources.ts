import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig, type ModelConfig } from "../model/config/model-config.js";
import { openModelFolder, type ModelFolder } from "../model/files/model-folder.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import { StrataError } from "../errors/strata-error.js";
import { canonicalJson } from "../files/hash.js";
import { refuseLfsPointerFile } from "../files/lfs-pointer.js";
import type { StoredTensor } from "../tensor/safetensors.js";

export interface MergePart {
  readonly folder: string;
  readonly window: Window;
}

/** One tensor of the base, of the parts that trained it (owners), and of the parts that kept it frozen. */
export interface TensorSources {
  readonly parameter: Parameter;
  readonly base: StoredTensor;
  readonly owners: readonly { readonly part: number; readonly tensor: StoredTensor }[];
  readonly frozen: readonly StoredTensor[];
}

/** @throws StrataError for the first part, tensor or member of the configuration that does not match the base */
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
 * Equal configurations imply equal names and shapes, because `openModelFolder` checks each folder against its
 * configuration. The ids of special tokens belong to the tokenizer and are not compared.
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
      hint: "This part was trained from another model: omit it, or train it again from this base.",
    });
  }
  try {
    return openModelFolder(folder);
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    const hint = `Every part needs the tensors of ${base.folder}: omit this part, or train it again from this base.`;
    throw new StrataError("MergeError", { ...error.parts, hint }, { cause: error });
  }
}

function readConfig(path: string): ModelConfig {
  let text: string;
  refuseLfsPointerFile(path);
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
