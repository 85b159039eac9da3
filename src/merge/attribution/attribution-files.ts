import { join } from "node:path";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { version } from "../../version.js";
import { formatModelReference } from "../config/model-reference.js";
import type { MergePlan } from "../plan/merge-plan.js";
import type { Attribution } from "./attribution.js";
import { attributionNotes, attributionTable, attributionTitle } from "./attribution-table.js";

/** Writes merge.json: what was merged, and which share of each model's change arrived. */
export function writeMergeRecord(plan: MergePlan, attribution: Attribution, folder: string): void {
  const { config, models, seed, isCompatible } = plan;
  writeJsonAtomic(join(folder, "merge.json"), {
    strata: version,
    method: config.method.name,
    models: models.map(({ label }) => label),
    base: baseLabel(plan),
    seed,
    mergekitCompatible: isCompatible,
    attribution,
  });
}

export function baseLabel({ config }: MergePlan): string | null {
  return config.baseModel === null ? null : formatModelReference(config.baseModel);
}

/** A section of the model card; empty if no tensor was mixed. */
export function attributionSection(plan: MergePlan, attribution: Attribution): string {
  if (attribution.reference === "none") return "";
  const [headings, ...rows] = attributionTable(attribution);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const notes = attributionNotes(attribution);
  return [
    "\n**Attribution**\n",
    `${attributionTitle(attribution, baseLabel(plan))}:\n`,
    line(headings),
    line(headings.map((_, i) => (i === 0 ? "---" : "---:"))),
    ...rows.map(line),
    ...(notes.length === 0 ? [] : ["", ...notes.map((note) => `${note}.`)]),
    "",
  ].join("\n");
}
