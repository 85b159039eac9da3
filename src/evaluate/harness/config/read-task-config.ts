import { suggestName } from "../../../errors/nearest-name.js";
import { PythonFloat } from "../../../text/python-float.js";
import { Dict, type Value } from "../../../text/jinja/values/value.js";
import { aggregationNames } from "../output/aggregate.js";
import { dumpTask, taskKeys } from "./dump-task.js";
import { RawReader, shown, toPlain, toValue } from "./raw-values.js";
import {
  outputTypes,
  type Field,
  type FewshotConfig,
  type Fields,
  type FilterConfig,
  type MetricConfig,
  type OutputType,
  type TaskConfig,
} from "./task-config.js";
import type { Entry } from "./task-files.js";
import { FunctionName } from "./task-yaml.js";

/** Keys of upstream that stand for Python code, other media or prompts of another package. */
const knownKeys: readonly string[] = [...taskKeys, "tag"];
const unsupportedKeys = ["class", "custom_dataset", "doc_to_image", "doc_to_audio", "use_prompt", "group", "task_list"];

const defaultMetrics: Readonly<Record<OutputType, readonly string[]>> = {
  multiple_choice: ["acc", "acc_norm"],
  generate_until: ["exact_match"],
  loglikelihood: ["perplexity", "acc"],
  loglikelihood_rolling: ["word_perplexity", "byte_perplexity", "bits_per_byte"],
};
const lowerIsBetter = ["word_perplexity", "byte_perplexity", "bits_per_byte", "perplexity"];

/** A task file with its defaults. @throws StrataError for the first key that is wrong or not supported */
export function readTaskConfig({ file, keys }: Entry): TaskConfig {
  const reader = new RawReader(file, keys);
  checkKeys(reader);
  const outputType = outputTypeOf(reader);
  const fields = fieldsOf(reader, outputType);
  const targetDelimiter = reader.text("target_delimiter") ?? " ";
  const delimiter = reader.text("fewshot_delimiter") ?? "\n\n";
  const processDocs = reader.function("process_docs");
  const generationPrefix = reader.text("gen_prefix");
  const inherited = { ...fields, processDocs, generationPrefix, delimiter, targetDelimiter };
  const fewshot = fewshotOf(reader, inherited);
  const generation = outputType === "generate_until" ? generationOf(reader, delimiter) : null;
  const task = reader.require("task", reader.text("task"), "the name of the task");
  const version = metadataOf(reader).get("version");
  return {
    ...fields,
    task,
    alias: reader.text("task_alias") ?? task,
    file,
    datasetPath: reader.require("dataset_path", reader.text("dataset_path"), "a data set of the hub, or json"),
    datasetName: reader.text("dataset_name"),
    datasetOptions: toPlain(reader.get("dataset_kwargs")),
    splits: {
      training: reader.text("training_split"),
      validation: reader.text("validation_split"),
      test: reader.text("test_split"),
    },
    outputType,
    processDocs,
    processResults: reader.function("process_results"),
    description: reader.text("description") ?? "",
    targetDelimiter,
    fewshot,
    shots: reader.whole("num_fewshot"),
    metrics: metricsOf(reader, outputType),
    generation,
    repeats: reader.whole("repeats") ?? 1,
    filters: filtersOf(reader),
    generationPrefix,
    version: version === undefined || version === null ? "Yaml" : version,
    dump: dumpTask(keys, fewshot, generation, file),
  };
}

function metadataOf(reader: RawReader): Dict {
  const raw = reader.get("metadata");
  return raw instanceof Map ? (toValue(raw) as Dict) : new Dict();
}

function checkKeys(reader: RawReader): void {
  for (const key of reader.keys()) {
    if (knownKeys.includes(key)) continue;
    if (!reader.has(key)) continue;
    if (unsupportedKeys.includes(key))
      throw reader.error(
        key,
        "a task without this key",
        shown(reader.get(key)),
        "Strata runs no Python code of tasks.",
      );
    const hint = suggestName(key, taskKeys) ?? `The keys are ${taskKeys.join(", ")}.`;
    throw reader.error(key, "a key of lm-evaluation-harness' task files", `"${key}"`, hint);
  }
  if (reader.boolean("unsafe_code") === true)
    throw reader.error("unsafe_code", "false", "true", "Strata does not run code that models write.");
}

function outputTypeOf(reader: RawReader): OutputType {
  const name = reader.text("output_type") ?? "generate_until";
  const found = outputTypes.find((type) => type === name);
  if (found !== undefined) return found;
  const hint = suggestName(name, outputTypes) ?? "Correct the task file.";
  throw reader.error("output_type", outputTypes.join(", "), `"${name}"`, hint);
}

function fieldOf(reader: RawReader, key: string): Field | null {
  const raw = reader.get(key);
  if (raw === null) return null;
  if (typeof raw === "string" || typeof raw === "number" || raw instanceof FunctionName) return raw;
  if (Array.isArray(raw)) return raw.map(toValue);
  if (raw instanceof Map) return [...raw.values()].map(toValue);
  throw reader.error(key, "a column, a template, a number, a list or !function NAME", shown(raw), "Correct it.");
}

function fieldsOf(reader: RawReader, outputType: OutputType): Fields {
  const text = fieldOf(reader, "doc_to_text");
  const target = fieldOf(reader, "doc_to_target");
  const choices = fieldOf(reader, "doc_to_choice");
  if (outputType === "multiple_choice") reader.require("doc_to_choice", choices, "the choices of multiple_choice");
  return {
    text: reader.require("doc_to_text", text, "a column or a template"),
    target: reader.require("doc_to_target", target, "a column or a template"),
    choices,
  };
}

type Inherited = Pick<
  FewshotConfig,
  "text" | "target" | "choices" | "processDocs" | "generationPrefix" | "delimiter" | "targetDelimiter"
>;

function fewshotOf(reader: RawReader, inherited: Inherited): FewshotConfig {
  const own = reader.map("fewshot_config");
  const splitOfTask = reader.text("fewshot_split");
  if (own === null) return { ...inherited, sampler: "default", split: splitOfTask, samples: null, indices: null };
  const sampler = own.text("sampler") ?? "default";
  if (sampler !== "default" && sampler !== "first_n")
    throw own.error("sampler", "default or first_n", `"${sampler}"`, "Choose one of both.");
  return {
    text: fieldOf(own, "doc_to_text") ?? inherited.text,
    target: fieldOf(own, "doc_to_target") ?? inherited.target,
    choices: fieldOf(own, "doc_to_choice") ?? inherited.choices,
    processDocs: own.function("process_docs") ?? inherited.processDocs,
    generationPrefix: own.text("gen_prefix") ?? inherited.generationPrefix,
    delimiter: own.text("fewshot_delimiter") ?? inherited.delimiter,
    targetDelimiter: own.text("target_delimiter") ?? inherited.targetDelimiter,
    sampler,
    split: own.text("split") ?? splitOfTask,
    samples: samplesOf(own),
    indices: indicesOf(own),
  };
}

function samplesOf(own: RawReader): readonly Dict[] | null {
  const raw = own.get("samples");
  if (raw === null) return null;
  if (Array.isArray(raw) && raw.every((item) => item instanceof Map)) return raw.map((item) => toValue(item) as Dict);
  throw own.error("samples", "a list of documents", shown(raw), "Strata runs no Python code of tasks.");
}

function indicesOf(own: RawReader): readonly number[] | null {
  const raw = own.get("fewshot_indices");
  if (raw === null) return null;
  if (Array.isArray(raw) && raw.every((item) => typeof item === "number")) return raw;
  throw own.error("fewshot_indices", "a list of whole numbers", shown(raw), "Correct it.");
}

function generationOf(reader: RawReader, delimiter: string): Dict {
  const own = reader.get("generation_kwargs");
  if (own === null)
    return new Dict([
      ["until", [delimiter]],
      ["do_sample", false],
      ["temperature", new PythonFloat(0)],
    ] satisfies [string, Value][]);
  if (!(own instanceof Map)) throw reader.error("generation_kwargs", "a mapping", shown(own), "Correct it.");
  const dict = toValue(own) as Dict;
  const temperature = dict.get("temperature");
  if (typeof temperature === "number") dict.set("temperature", new PythonFloat(temperature));
  if (!dict.has("until")) dict.set("until", [delimiter]);
  return dict;
}

function metricsOf(reader: RawReader, outputType: OutputType): MetricConfig[] {
  const list = reader.maps("metric_list");
  if (list === null) return defaultMetrics[outputType].map((metric) => withDefaults(metric, null, new Map()));
  return list.map((entry) => {
    const metric = entry.require("metric", entry.text("metric"), "the name of a metric");
    const aggregation = entry.text("aggregation") ?? aggregationOf(metric);
    if (!aggregationNames.includes(aggregation))
      throw entry.error("aggregation", aggregationNames.join(", "), `"${aggregation}"`, "Choose one of these.");
    const options = entry.others(["metric", "aggregation", "higher_is_better", "hf_evaluate"]);
    return { ...withDefaults(metric, entry.boolean("higher_is_better"), options), aggregation };
  });
}

function aggregationOf(metric: string): string {
  if (metric === "bits_per_byte" || metric === "perplexity") return metric;
  return metric === "word_perplexity" || metric === "byte_perplexity" ? "weighted_perplexity" : "mean";
}

function withDefaults(metric: string, higherIsBetter: boolean | null, options: MetricConfig["options"]): MetricConfig {
  return {
    metric,
    aggregation: aggregationOf(metric),
    higherIsBetter: higherIsBetter ?? !lowerIsBetter.includes(metric),
    options,
  };
}

function filtersOf(reader: RawReader): FilterConfig[] {
  const list = reader.maps("filter_list");
  if (list === null) return [{ name: "none", steps: [{ function: "take_first", options: new Map() }] }];
  return list.map((entry) => ({
    name: entry.require("name", entry.text("name"), "the name of the filter"),
    steps: (entry.maps("filter") ?? []).map((step) => ({
      function: step.require("function", step.text("function"), "the name of a function"),
      options: step.others(["function"]),
    })),
  }));
}
