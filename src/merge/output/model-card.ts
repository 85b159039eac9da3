import { basename } from "node:path";
import { formatModelReference, type ModelPath, type ModelReference } from "../config/model-reference.js";
import type { InputModel } from "../inputs/open-model.js";
import type { MergePlan } from "../plan/merge-plan.js";

/** Whether a path is an id of the hub: no folder has this name. */
export type IsHubId = (path: string) => boolean;

/**
 * README.md of a merge: front matter with the models of the hub, the method, the models in the order of the
 * configuration, and the configuration as the user wrote it.
 */
export function modelCard({ config, models }: MergePlan, out: string, isHubId: IsHubId): string {
  const { method, baseModel } = config;
  const references = models.map(({ reference }) => reference);
  // mergekit lists both models of SLERP alike.
  const base = method.name === "slerp" ? null : baseModel;
  const baseText = base === null ? "" : ` using ${describe(base, isHubId)} as a base`;
  const merged = references.filter(
    (reference) => base === null || formatModelReference(reference) !== formatModelReference(base),
  );
  const address = /https?:[^\s,;)]+/.exec(method.source)?.[0];
  const link = address === undefined || address.includes("mergekit") ? method.label : `[${method.label}](${address})`;
  return `---
${frontMatter(models.flatMap(originalsOf), isHubId)}
---
# ${basename(out) || "Untitled Model (1)"}

This is a merge of pre-trained language models, made with Strata from a configuration of
[mergekit](https://github.com/arcee-ai/mergekit).

## Merge Details
### Merge Method

This model was merged using the ${link} merge method${baseText}.

### Models Merged

The following models were included in the merge:
${merged.map((reference) => `* ${describe(reference, isHubId)}`).join("\n")}

### Configuration

The following YAML configuration was used to produce this model:

\`\`\`yaml
${config.text}
\`\`\`
`;
}

/** The models of files of which one is made. */
function originalsOf({ reference, mergedFrom }: InputModel): readonly ModelReference[] {
  if (mergedFrom === undefined) return [reference];
  const adapter = reference.lora === null ? [] : [{ ...reference.lora, lora: null }];
  return [...mergedFrom.flatMap(originalsOf), ...adapter];
}

function frontMatter(references: readonly ModelReference[], isHubId: IsHubId): string {
  const paths = references.flatMap(({ path, lora }) => (lora === null ? [path] : [path, lora.path])).filter(isHubId);
  const ids = [...new Set(paths)].map((path) => `\n- ${/^[A-Za-z][\w./-]*$/.test(path) ? path : JSON.stringify(path)}`);
  const base = ids.length === 0 ? " []" : ids.join("");
  return `base_model:${base}\nlibrary_name: transformers\ntags:\n- mergekit\n- merge\n`;
}

function describe(reference: ModelReference, isHubId: IsHubId): string {
  const shown = ({ path }: ModelPath) => (isHubId(path) ? `[${path}](https://huggingface.co/${path})` : path);
  return shown(reference) + (reference.lora === null ? "" : ` + ${shown(reference.lora)}`);
}
