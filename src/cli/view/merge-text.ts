import { baseLabel } from "../../merge/attribution/attribution-files.js";
import type { MergeSummary } from "../../merge/execute/execute-merge.js";
import type { MergePlan } from "../../merge/plan/merge-plan.js";
import { formatBytes } from "../../text/format-bytes.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { plural } from "../../text/plural.js";
import { attributionText } from "./attribution-text.js";
import { notesText } from "./notes-text.js";

function dtypesOf({ tensors }: MergePlan): readonly string[] {
  return [...new Set(tensors.map(({ tag }) => tag))];
}

/** The result of a merge in a few lines. */
export function mergeText(
  plan: MergePlan,
  out: string,
  { tensors, resumed, bytes, seconds, notes, attribution }: MergeSummary,
): string {
  const { config, models, shards } = plan;
  const again = resumed === 0 ? "" : `, ${resumed} of them by an earlier run`;
  const rate = seconds > 0 && resumed === 0 ? `, ${formatBytes(bytes / seconds)}/s` : "";
  return (
    `${out}: ${config.method.label} of ${models.map(({ label }) => label).join(", ")}\n` +
    `${plural(tensors, "tensor")}${again}, ${dtypesOf(plan).join(", ")}, ${formatBytes(bytes)} in ` +
    `${plural(shards.length, "file")}, ` +
    `${formatSeconds(seconds, true)}${rate}\n` +
    notesText(notes) +
    attributionText(attribution, baseLabel(plan))
  );
}

export function mergeFacts(plan: MergePlan, out: string, summary: MergeSummary): Record<string, unknown> {
  const { config, models, shards, seed } = plan;
  const { tensors: _, ...attribution } = summary.attribution;
  return {
    folder: out,
    method: config.method.name,
    models: models.map(({ label }) => label),
    dtypes: dtypesOf(plan),
    files: shards.map(({ name }) => name),
    seed,
    ...summary,
    attribution,
  };
}

/** The plan of a merge: each tensor with its inputs and values, and what the merge reads and writes. */
export function mergePlanText(plan: MergePlan, out: string): string {
  const { config, models, tensors, shards, totalBytes, notes } = plan;
  const lines = tensors.map((tensor) => {
    const head = `${tensor.name} ${tensor.tag} [${tensor.shape.join(", ")}]`;
    if (tensor.kind === "copy") return `${head}  copied\n`;
    const own = valuesText(tensor.values);
    const all =
      tensor.base === null || tensor.inputs.includes(tensor.base) ? tensor.inputs : [tensor.base, ...tensor.inputs];
    const inputs = all.map(({ model, tensor: { name }, values }) => {
      const from = name === tensor.name ? model.label : `${model.label}:${name}`;
      return [from, valuesText(values)].filter(Boolean).join(" ");
    });
    return `${[head, own, inputs.join(", ")].filter(Boolean).join("  ")}\n`;
  });
  return (
    `${config.method.label} of ${models.map(({ label }) => label).join(", ")} into ${out}\n\n${lines.join("")}\n` +
    `${plural(tensors.length, "tensor")}, ${dtypesOf(plan).join(", ")}; reads ${formatBytes(readBytes(plan))}, ` +
    `writes ${formatBytes(totalBytes)} in ${plural(shards.length, "file")}\n${notesText(notes)}`
  );
}

function valuesText(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${Number(value.toPrecision(6))}`)
    .join(" ");
}

/** Of one pass over all inputs. */
function readBytes({ tensors }: MergePlan): number {
  const sizes = tensors.map((tensor) => {
    if (tensor.kind === "copy") return tensor.byteLength;
    const all = new Set(tensor.base === null ? tensor.inputs : [...tensor.inputs, tensor.base]);
    return [...all].reduce((sum, { tensor: { storedBytes, readsBytes = storedBytes } }) => sum + readsBytes, 0);
  });
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

export function mergePlanFacts(plan: MergePlan, out: string): Record<string, unknown> {
  const { config, models, tensors, shards, totalBytes, notes, seed } = plan;
  return {
    folder: out,
    method: config.method.name,
    models: models.map(({ label }) => label),
    seed,
    readBytes: readBytes(plan),
    bytes: totalBytes,
    files: shards.map(({ name }) => name),
    notes,
    tensors: tensors.map((tensor) => {
      const { name, tag, shape } = tensor;
      if (tensor.kind === "copy") return { name, dtype: tag, shape };
      const inputs = tensor.inputs.map(({ model, tensor: of, values }) => ({
        model: model.label,
        tensor: of.name,
        values,
      }));
      return { name, dtype: tag, shape, values: tensor.values, base: tensor.base?.model.label ?? null, inputs };
    }),
  };
}
