import { Dict, type Value } from "../../../text/jinja/values/value.js";
import { toValue } from "./raw-values.js";
import type { Field, FewshotConfig } from "./task-config.js";
import { FunctionName, type Raw, type RawMap } from "./task-yaml.js";

/** Defaults that upstream shows; other absent keys are left out. */
const shownDefaults: readonly (readonly [string, Raw])[] = [
  ["unsafe_code", false],
  ["description", ""],
  ["target_delimiter", " "],
  ["fewshot_delimiter", "\n\n"],
  ["output_type", "generate_until"],
  ["repeats", 1],
  ["should_decontaminate", false],
];

/** The keys of a task in upstream's order, which results keep. */
export const taskKeys: readonly string[] = [
  "task",
  "task_alias",
  "dataset_path",
  "dataset_name",
  "dataset_kwargs",
  "training_split",
  "validation_split",
  "test_split",
  "fewshot_split",
  "process_docs",
  "doc_to_text",
  "doc_to_target",
  "unsafe_code",
  "doc_to_choice",
  "process_results",
  "description",
  "target_delimiter",
  "fewshot_delimiter",
  "fewshot_config",
  "num_fewshot",
  "metric_list",
  "output_type",
  "generation_kwargs",
  "repeats",
  "filter_list",
  "should_decontaminate",
  "doc_to_decontamination_query",
  "gen_prefix",
  "metadata",
];

/** The keys of a task with its defaults, as results files show them. */
export function dumpTask(keys: RawMap, fewshot: FewshotConfig, generation: Dict | null, file: string): Dict {
  const values = new Map<string, Value>(shownDefaults.map(([key, value]) => [key, toValue(value)]));
  for (const [key, raw] of keys) if (raw !== null) values.set(key, toValue(raw));
  values.set("fewshot_config", dumpFewshot(fewshot));
  const metadata = values.get("metadata");
  const own = metadata instanceof Dict ? [...metadata.items()] : [];
  values.set("metadata", new Dict([...own, ["config_source", file]]));
  if (generation !== null) values.set("generation_kwargs", generation);
  return new Dict(taskKeys.flatMap((key) => (values.has(key) ? [[key, values.get(key) as Value] as const] : [])));
}

/** With the number of examples that was used. */
export function withShots(dump: Dict, shots: number): Dict {
  const items = [...dump.items()].filter(([key]) => key !== "num_fewshot");
  const at = items.findIndex(([key]) => key === "fewshot_config") + 1;
  return new Dict([...items.slice(0, at), ["num_fewshot", shots] as const, ...items.slice(at)]);
}

function dumpFewshot(config: FewshotConfig): Dict {
  return new Dict([
    ["sampler", config.sampler],
    ["split", config.split],
    ["process_docs", config.processDocs?.name ?? null],
    ["fewshot_indices", config.indices === null ? null : [...config.indices]],
    ["samples", config.samples === null ? null : [...config.samples]],
    ["doc_to_text", fieldValue(config.text)],
    ["doc_to_choice", config.choices === null ? null : fieldValue(config.choices)],
    ["doc_to_target", fieldValue(config.target)],
    ["gen_prefix", config.generationPrefix],
    ["fewshot_delimiter", config.delimiter],
    ["target_delimiter", config.targetDelimiter],
  ] satisfies [string, Value][]);
}

function fieldValue(field: Field): Value {
  if (field instanceof FunctionName) return field.name;
  return typeof field === "string" || typeof field === "number" ? field : [...field];
}
