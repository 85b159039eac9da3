import { checkoutCommit } from "../../../commit.js";
import { hashBytes } from "../../../files/hash.js";
import { compareTexts } from "../../../text/jinja/values/code-points.js";
import { Dict, type Value } from "../../../text/jinja/values/value.js";
import { formatFloat, PythonFloat } from "../../../text/python-float.js";
import { version } from "../../../version.js";
import type { GroupOutcome, RunFacts, TaskOutcome } from "../outcome.js";
import { sanitizeModelName } from "./file-names.js";
import { sampleCounts } from "./sample-counts.js";
import { summarize, type SummaryEntry } from "./summary.js";

/** The version of lm-evaluation-harness whose files these are. */
const formatVersion = "0.4.13";

export interface Outcomes {
  readonly tasks: readonly TaskOutcome[];
  /** Each before the groups that it contains. */
  readonly groups: readonly GroupOutcome[];
}

/**
 * The results file, with the keys of lm-evaluation-harness in its order. What Strata has no counterpart for is null or
 * "N/A".
 *
 * @param taskHashes  of the tasks whose samples were written
 */
export function resultsObject(outcomes: Outcomes, facts: RunFacts, taskHashes: ReadonlyMap<string, string>): Dict {
  return new Dict([
    ...scores(outcomes),
    ["config", callSettings(facts)],
    ["git_hash", checkoutCommit()],
    ["date", new PythonFloat(facts.started)],
    ...environment(),
    ...tokenizerFacts(facts),
    ["task_hashes", new Dict(taskHashes)],
    ...modelFacts(facts),
    ["total_evaluation_time_seconds", formatFloat(facts.seconds)],
  ]);
}

type Members = (readonly [string, Value])[];

function scores({ tasks, groups }: Outcomes): Members {
  const entries = summarize(tasks, groups);
  const results = entries.map((entry) => [entry.name, resultOf(entry, { tasks, groups })] as const);
  const aggregates = new Set(entries.filter((entry) => entry.isGroup && entry.documents !== null).map((it) => it.name));
  const groupResults = results.filter(([name]) => aggregates.has(name));
  const byTask = (members: Members) => new Dict([...members].sort(([a], [b]) => compareTexts(a, b)));
  const directions = entries.filter((entry) => !entry.isGroup || entry.higherIsBetter.size > 0);
  return [
    ["results", new Dict(results)],
    ...(groupResults.length > 0 ? [["groups", new Dict(groupResults)] as const] : []),
    ["group_subtasks", new Dict(groups.map(({ group, members }) => [group, [...members]]))],
    ["configs", byTask(tasks.map((outcome) => [outcome.task, withSeconds(outcome)]))],
    ["versions", byTask(entries.map(({ name, version: value }) => [name, value]))],
    ["n-shot", byTask(entries.flatMap(({ name, shots }) => (shots === null ? [] : [[name, shots]])))],
    ["higher_is_better", byTask(directions.map(({ name, higherIsBetter }) => [name, new Dict(higherIsBetter)]))],
    ["n-samples", new Dict(tasks.map(({ task, documents }) => [task, new Dict(Object.entries(documents))]))],
  ];
}

/** Upstream writes a group's alias before its name, and how many documents each of its metrics has. */
function resultOf(entry: SummaryEntry, outcomes: Outcomes): Dict {
  const names: Members = [
    ["name", entry.name],
    ["alias", entry.alias],
  ];
  const result = new Dict(entry.isGroup ? names.reverse() : names);
  if (entry.documents !== null) result.set("sample_len", entry.documents);
  for (const { metric, filter, value, standardError } of entry.metrics) {
    result.set(`${metric},${filter}`, new PythonFloat(value));
    result.set(`${metric}_stderr,${filter}`, standardError === null ? "N/A" : new PythonFloat(standardError));
  }
  if (entry.isGroup && entry.metrics.length > 0)
    result.set("sample_count", new Dict(sampleCounts(entry.name, entry.metrics, outcomes)));
  return result;
}

/** Upstream has no place for the time of a task; its metadata may hold anything. */
function withSeconds({ config, seconds }: TaskOutcome): Dict {
  if (seconds === null) return config;
  const metadata = config.get("metadata");
  const own = metadata instanceof Dict ? [...metadata.items()] : [];
  return new Dict([...config.items(), ["metadata", new Dict([...own, ["seconds", new PythonFloat(seconds)]])]]);
}

function callSettings({ model, dtype, bos, limit }: RunFacts): Dict {
  return new Dict([
    ["model", "strata"],
    ["model_args", `pretrained=${model},dtype=${dtype},bos=${bos}`],
    ["batch_size", "auto"],
    ["batch_sizes", []],
    ["device", null],
    ["use_cache", null],
    ["limit", limit === null ? null : new PythonFloat(limit)],
    ["bootstrap_iters", 100000],
    ["gen_kwargs", null],
    ["random_seed", 0],
    ["numpy_seed", 1234],
    ["torch_seed", 1234],
    ["fewshot_seed", 1234],
  ]);
}

function environment(): Members {
  const { arch, platform, version: node } = process;
  return [
    ["pretty_env_info", `Strata ${version}, Node.js ${node}, ${platform} ${arch}`],
    ["transformers_version", "N/A"],
    ["lm_eval_version", formatVersion],
    ["upper_git_hash", null],
  ];
}

function tokenizerFacts({ tokens, maxLength }: RunFacts): Members {
  const special = (["pad", "eos", "bos"] as const).map((name) => {
    const token = tokens[name];
    return [`tokenizer_${name}_token`, token === null ? [null, "None"] : [token.text, String(token.id)]] as const;
  });
  return [...special, ["eot_token_id", tokens.eos?.id ?? null], ["max_length", maxLength]];
}

function modelFacts({ model, systemInstruction, fewshotAsMultiturn, chatTemplate }: RunFacts): Members {
  const hash = (text: string | null) => (text ? hashBytes(text) : null);
  return [
    ["model_source", "strata"],
    ["model_name", model],
    ["model_name_sanitized", sanitizeModelName(model)],
    ["system_instruction", systemInstruction],
    ["system_instruction_sha", hash(systemInstruction)],
    ["fewshot_as_multiturn", fewshotAsMultiturn],
    ["chat_template", chatTemplate],
    ["chat_template_sha", hash(chatTemplate)],
  ];
}
