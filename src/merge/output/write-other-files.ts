import { constants, copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileError, writeFileAtomic } from "../../files/atomic-file.js";
import { syncFiles } from "../../files/sync-files.js";
import type { MergePlan } from "../plan/merge-plan.js";
import type { Attribution } from "../attribution/attribution.js";
import { attributionSection } from "../attribution/attribution-files.js";
import { editJson } from "./edit-json.js";
import { modelCard } from "./model-card.js";

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
  "generation_config.json",
  "preprocessor_config.json",
  "video_preprocessor_config.json",
];

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
  writeFileAtomic(
    join(folder, "README.md"),
    modelCard(plan, out, (path) => !existsSync(path)) + attributionSection(plan, attribution),
  );
  const present = copied.filter((name) => existsSync(join(donor.folder, name)));
  for (const name of present) copyFile(join(donor.folder, name), join(folder, name));
  await syncFiles(present.map((name) => join(folder, name)));
}

function writeConfig({ donor, configChanges }: MergePlan, folder: string): void {
  if (donor.config === null) return;
  const text = readFileSync(join(donor.folder, "config.json"), "utf8");
  writeFileAtomic(join(folder, "config.json"), editJson(text, configChanges));
}

function copyFile(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw fileError(to, "copy the file", error);
  }
}
