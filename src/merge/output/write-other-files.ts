import { constants, copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileError, writeFileAtomic } from "../../files/atomic-file.js";
import { syncFiles } from "../../files/sync-files.js";
import type { MergePlan } from "../plan/merge-plan.js";
import type { Attribution } from "../attribution/attribution.js";
import { attributionSection } from "../attribution/attribution-files.js";
import { editJson } from "./edit-json.js";
import { modelCard } from "./model-card.js";
import { readText } from "../../files/read-text.js";

const generation = "generation_config.json";

/** What a model folder has beside its weights and its configuration. */
const copied = [
  "tokenizer_config.json",
  "special_tokens_map.json",
  "tokenizer.json",
  "tokenizer.model",
  "added_tokens.json",
  "vocab.json",
  "vocab.txt",
  "merges.txt",
  "chat_template.jinja",
  "chat_template.json",
  generation,
  "preprocessor_config.json",
  "video_preprocessor_config.json",
];

/** A new vocabulary may give other ids to the tokens that generation_config.json names. */
function wantedFiles({ vocabulary, copiesTokenizer }: MergePlan): readonly string[] {
  if (vocabulary !== null) return copied.filter((name) => name !== generation);
  return copiesTokenizer ? copied : [generation];
}

/**
 * Writes everything but weights.
 *
 * @param folder  to write to
 * @param out     its final name, for the model card
 */
export async function writeOtherFiles(
  plan: MergePlan,
  attribution: Attribution,
  folder: string,
  out: string,
): Promise<void> {
  const { donor, config } = plan;
  writeConfig(plan, folder);
  writeFileAtomic(join(folder, "mergekit_config.yml"), config.text);
  const isHubId = (path: string) => !existsSync(path) && !config.earlier.has(path);
  if (plan.writesModelCard) {
    const card = modelCard(plan, out, isHubId) + attributionSection(plan, attribution);
    writeFileAtomic(join(folder, "README.md"), card);
  }
  const from = plan.vocabulary?.folder ?? donor.folder;
  const wanted = wantedFiles(plan);
  const present = wanted.filter((name) => existsSync(join(from, name)));
  for (const name of present) copyFile(join(from, name), join(folder, name));
  if (plan.vocabulary?.addedTokens) editFile(folder, "tokenizer.json", { added_tokens: plan.vocabulary.addedTokens });
  if (plan.chatTemplate !== null) {
    writeFileAtomic(join(folder, "chat_template.jinja"), plan.chatTemplate);
    if (present.includes("tokenizer_config.json"))
      editFile(folder, "tokenizer_config.json", { chat_template: plan.chatTemplate });
  }
  await syncFiles(present.map((name) => join(folder, name)));
}

function writeConfig({ donor, configChanges }: MergePlan, folder: string): void {
  if (donor.config === null) return;
  const text = readText(join(donor.folder, "config.json"));
  writeFileAtomic(join(folder, "config.json"), editJson(text, configChanges));
}

function copyFile(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw fileError(to, "copy the file", error);
  }
}

function editFile(folder: string, name: string, changes: Readonly<Record<string, unknown>>): void {
  const path = join(folder, name);
  writeFileAtomic(path, editJson(readText(path), changes));
}
