import type { MergeConfig } from "../../config/merge-config.js";
import type { ModelReference } from "../../config/model-reference.js";
import { sharedKeptBytes } from "../../inputs/input-memory.js";
import type { InputModel } from "../../inputs/open-model.js";
import { mergeError } from "../../merge-error.js";
import { mergedModel } from "./merged-model.js";
import type { MergePlan } from "../merge-plan.js";

/** The results of the other documents of a configuration. */
export interface EarlierMerges {
  /**
   * A result; each document that reads it gets another instance, because an instance keeps one tensor. Null if no
   * document has this name.
   *
   * @throws StrataError if its merge cannot be part of another one
   */
  modelOf(reference: ModelReference): InputModel | null;
  /** @throws StrataError if a document is named by no other */
  checkUsed(): void;
}

/** @param plan  plans a document, with these as its earlier ones */
export function earlierMerges(
  { file, earlier }: MergeConfig,
  plan: (config: MergeConfig, earlier: EarlierMerges) => MergePlan,
): EarlierMerges {
  const used = new Set<string>();
  const planning = new Set<string>();
  const merges: EarlierMerges = {
    modelOf({ path, revision }) {
      const config = earlier.get(path);
      if (config === undefined || revision !== null) return null;
      if (planning.has(path)) {
        const hint = "Let each document name only results that do not need it.";
        throw mergeError(`${file} ${path}`, "merges in an order", "a result that needs itself", hint);
      }
      checkPart(path, config);
      used.add(path);
      planning.add(path);
      const model = mergedModel(path, plan(config, merges), sharedKeptBytes(earlier.size + 1));
      planning.delete(path);
      return model;
    },
    checkUsed() {
      const unused = [...earlier.keys()].find((name) => !used.has(name));
      if (unused === undefined) return;
      const hint = "Take it as a model in another document, or move it to a separate file.";
      throw mergeError(file, "results that the last document needs", `${unused}, which no document names`, hint);
    },
  };
  return merges;
}

/** A part is merged tensor by tensor in the order of the merge that reads it, and is not written. */
function checkPart(name: string, { file, method, tokenizer, chatTemplate }: MergeConfig): void {
  const refused = (expected: string, got: string) =>
    mergeError(`${file} ${name}`, expected, got, "Merge it first, with a separate file, and name its folder here.");
  if (method.isRandom === true) throw refused("a method without random numbers", method.name);
  if (tokenizer !== null) throw refused("no tokenizer in a merge that another document reads", "one");
  if (chatTemplate !== null) throw refused("no chat_template in a merge that another document reads", "one");
}
