import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ModelConfig } from "../model/config/model-config.js";
import { openModelFolder, type ModelFolder } from "../model/files/model-folder.js";
import { readModelConfig } from "../model/files/read-config.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import { StrataError } from "../errors/strata-error.js";
import { canonicalJson } from "../files/hash.js";
import { openChange } from "./exchange/read-change.js";
import { readChunk, type PartTensor } from "./chunks.js";
import type { StoredTensor } from "../tensor/safetensors.js";

/** What a part trained, as a model folder or as the file that `writeChange` wrote. */
export type MergePart = { readonly window: Window } & ({ readonly folder: string } | { readonly change: string });

/** One tensor of the base, of the parts that trained it (owners), and of the parts that kept it frozen. */
export interface TensorSources {
  readonly parameter: Parameter;
  readonly base: StoredTensor;
  readonly owners: readonly { readonly part: number; readonly tensor: PartTensor }[];
  /** Empty for parts that sent only their change. */
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
  const opened = parts.map((part) =>
    "change" in part ? fromChange(openChange(part.change, base.config, part.window)) : fromFolder(base, part.folder),
  );
  const tensors = parameters(base.config).map((parameter) => {
    const isOwner = parts.map(({ window }) => isTrained(parameter, window));
    return {
      parameter,
      base: tensorOf(base, parameter.name),
      owners: opened.flatMap(({ trained }, part) => (isOwner[part] ? [{ part, tensor: trained(parameter.name) }] : [])),
      frozen: opened.flatMap(({ frozen }, part) => (isOwner[part] ? [] : frozen(parameter.name))),
    };
  });
  return { base, tensors };
}

/** The tensors of a part by name: those that it trained, and what it stores of the others. */
interface OpenPart {
  trained(name: string): PartTensor;
  frozen(name: string): readonly StoredTensor[];
}

function fromChange(tensors: ReadonlyMap<string, PartTensor>): OpenPart {
  return { trained: (name) => tensors.get(name) as PartTensor, frozen: () => [] };
}

function fromFolder(base: ModelFolder, folder: string): OpenPart {
  const part = openPart(base, folder);
  return {
    trained(name) {
      const stored = tensorOf(part, name);
      return {
        dtype: stored.dtype,
        read: (from, count) => readChunk(stored, from, count),
      };
    },
    frozen: (name) => [tensorOf(part, name)],
  };
}

/**
 * Opens a model of the base's configuration.
 *
 * Equal configurations imply equal names and shapes, because `openModelFolder` checks each folder against its
 * configuration. The ids of special tokens belong to the tokenizer and are not compared.
 */
export function openPart(base: ModelFolder, folder: string): ModelFolder {
  // Whether the head is tied also depends on the weights, so it is compared last.
  compareConfig(base, folder, { ...readPartConfig(folder), tieWordEmbeddings: base.config.tieWordEmbeddings });
  try {
    const part = openModelFolder(folder);
    compareConfig(base, folder, part.config);
    return part;
  } catch (error) {
    if (!(error instanceof StrataError) || error.kind === "MergeError" || error.kind === "FileError") throw error;
    const hint = `Every part needs the tensors of ${base.folder}: omit this part, or train it again from this base.`;
    throw new StrataError("MergeError", { ...error.parts, hint }, { cause: error });
  }
}

function compareConfig(base: ModelFolder, folder: string, config: ModelConfig): void {
  const shape = ({ bosId: _bos, eosIds: _eos, ...rest }: ModelConfig): Record<string, unknown> => rest;
  const got = shape(config);
  for (const [member, value] of Object.entries(shape(base.config))) {
    if (canonicalJson(got[member]) === canonicalJson(value)) continue;
    throw new StrataError("MergeError", {
      where: `${join(folder, "config.json")} ${member}`,
      expected: `${canonicalJson(value)} as in ${base.folder}`,
      got: canonicalJson(got[member]),
      hint: "This part was trained from another model: omit it, or train it again from this base.",
    });
  }
}

function readPartConfig(folder: string): ModelConfig {
  const path = join(folder, "config.json");
  if (existsSync(path)) return readModelConfig(folder).config;
  throw new StrataError("MergeError", {
    where: path,
    expected: "the configuration of a part",
    got: "no such file",
    hint: "Check the path of the part.",
  });
}

function tensorOf({ folder, tensors }: ModelFolder, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`${folder} was opened without ${name}`);
  return tensor;
}
