import { createHash, type Hash } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createFolder } from "../../../files/create-folder.js";
import { openDevice } from "../../../device/open-device.js";
import type { GroupConfig } from "../../../evaluate/harness/config/task-config.js";
import { evaluateModel, groupOutcomes } from "../../../evaluate/harness/evaluate-model.js";
import type { RunFacts } from "../../../evaluate/harness/outcome.js";
import { consoleText } from "../../../evaluate/harness/output/table.js";
import { outputPaths } from "../../../evaluate/harness/output/file-names.js";
import { dumpIndentedJson } from "../../../evaluate/harness/output/python-json.js";
import { resultsObject } from "../../../evaluate/harness/output/results-file.js";
import { writeFiles } from "../../../evaluate/harness/output/write-files.js";
import type { PreparedTask } from "../../../evaluate/harness/prompt/requests.js";
import { openScoreJournal, type ScoreJournal } from "../../../evaluate/output/score-journal.js";
import { openModelSession } from "../../../evaluate/request/model-session.js";
import { openModelFolder } from "../../../model/files/model-folder.js";
import { loadModel } from "../../../model/model.js";
import { prefixOf } from "../../../tokenizer/bos.js";
import { findChatTemplates } from "../../../tokenizer/chat/find-chat-template.js";
import { templateTokens } from "../../../tokenizer/chat/template-tokens.js";
import type { Tokenizer } from "../../../tokenizer/tokenizer.js";
import { version } from "../../../version.js";
import { machineLimits } from "../../environment/machine-limits.js";
import { exitCodes } from "../../exit-codes.js";
import { notesText } from "../../view/notes-text.js";
import { showTaskProgress } from "../../view/task-progress.js";
import type { EvalCommandOptions } from "./eval-options.js";

export interface EvaluatedModel {
  /** As it was given. */
  readonly named: string;
  readonly folder: string;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly PreparedTask[];
  readonly groups: readonly GroupConfig[];
  readonly signal: AbortSignal;
}

const maxRows = 1024;

/** Scores one model, writes its files and prints its table. After an interruption the exit code says so. */
export async function evaluateFolder(model: EvaluatedModel, options: EvalCommandOptions): Promise<void> {
  const { named, folder, tokenizer, tasks, signal } = model;
  const started = Date.now() / 1000;
  const files = openModelFolder(folder);
  process.stderr.write(notesText(files.notes));
  const device = await openDevice(options.device, options.threads ?? machineLimits().threads, options.dtype);
  const view = showTaskProgress(
    process.stderr,
    tasks.map(({ config }) => config.task),
  );
  const journal = journalPath(model, options);
  const loaded = loadModel(device, files, null);
  const session = openModelSession(loaded, tokenizer.vocabSize, { signal });
  try {
    const asking = {
      session,
      tokenizer,
      prefix: prefixOf(tokenizer, options.bos),
      maxLength: files.config.maxPositions,
      maxRows,
      onProgress: view.show,
    };
    const outcomes = await evaluateModel(tasks, asking, () => openJournal(journal));
    view.stop();
    const groups = groupOutcomes(model.groups, outcomes);
    const facts = factsOf(named, folder, tokenizer, options, {
      maxLength: files.config.maxPositions,
      started,
      seconds: Date.now() / 1000 - started,
    });
    if (options.output_path !== undefined)
      writeFiles(options.output_path, { tasks: outcomes, groups }, facts, { logSamples: options.log_samples });
    if (journal !== null) rmSync(journal, { force: true });
    process.stdout.write(
      options.json
        ? `${dumpIndentedJson(resultsObject({ tasks: outcomes, groups }, facts, new Map()))}\n`
        : consoleText(outcomes, groups, facts),
    );
  } catch (error) {
    view.stop();
    if (!signal.aborted) throw error;
    process.stderr.write(
      journal === null
        ? "Interrupted. Nothing was kept: with --output_path the same command resumes.\n"
        : "Interrupted. Run the same command again to resume.\n",
    );
    process.exitCode = exitCodes.interrupted;
  } finally {
    session.close();
    loaded.close();
  }
}

function factsOf(
  named: string,
  folder: string,
  tokenizer: Tokenizer,
  options: EvalCommandOptions,
  more: Pick<RunFacts, "maxLength" | "started" | "seconds">,
): RunFacts {
  const tokens = templateTokens(folder);
  const tokenOf = (name: string) => {
    const text = tokens[name];
    if (text === undefined) return null;
    const [id] = tokenizer.encode(text);
    return { text, id };
  };
  const eos = tokenOf("eos_token");
  return {
    ...more,
    model: named,
    limit: options.limit ?? null,
    // Without a pad token upstream takes another one.
    tokens: { pad: tokenOf("pad_token") ?? tokenOf("unk_token") ?? eos, eos, bos: tokenOf("bos_token") },
    chatTemplate: options.apply_chat_template ? (findChatTemplates(folder).get("default") ?? null) : null,
    fewshotAsMultiturn: options.fewshot_as_multiturn,
    systemInstruction: options.system_instruction ?? null,
    shots: options.num_fewshot ?? null,
    dtype: options.dtype,
    bos: options.bos,
  };
}

/**
 * The file of finished requests, from which the same evaluation resumes: its name is the hash of the model's files, the
 * task files and all requests. Null if nothing is written.
 */
function journalPath({ named, folder, tasks }: EvaluatedModel, options: EvalCommandOptions): string | null {
  if (options.output_path === undefined) return null;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([version, resolve(folder), options.dtype, options.bos]));
  for (const name of readdirSync(folder).sort()) {
    const { size, mtimeMs } = statSync(join(folder, name));
    hash.update(JSON.stringify([name, size, mtimeMs]));
  }
  for (const task of tasks) addRequests(hash, task);
  const target = outputPaths(options.output_path, named, new Date()).folder;
  return join(target, `unfinished-${hash.digest("hex").slice(0, 16)}.jsonl`);
}

function openJournal(path: string | null): ScoreJournal {
  if (path !== null) createFolder(dirname(path));
  return openScoreJournal(path, (note) => process.stderr.write(notesText([note])));
}

function addRequests(hash: Hash, { config, documents }: PreparedTask): void {
  hash.update(dumpIndentedJson(config.dump));
  for (const { requests } of documents)
    for (const request of requests)
      hash.update(
        request.kind === "rolling"
          ? JSON.stringify([request.text])
          : JSON.stringify([request.context, request.kind === "continuation" ? request.continuation : null]),
      );
}
