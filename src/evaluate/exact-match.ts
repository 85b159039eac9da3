import { StrataError } from "../tensor/errors.js";
import { encodePrompt, type TextCodec } from "./encode.js";
import { cutAtStops, flexibleExtract, isExactMatch, stopStrings, strictMatch } from "./filters.js";
import { gsm8kStops } from "./gsm8k.js";
import type { ExactMatchItem } from "./items.js";
import { accuracy } from "./statistics.js";
import { requireItems, type ExactMatchTask, type Progress, type TaskResult } from "./task.js";

/** New tokens for each prompt of a batch, greedily; a row ends at the end of text, at a true `stop` or at `maximumTokens`. */
export type Generator = (
  prompts: readonly (readonly number[])[], maximumTokens: number, stop: (row: number, tokens: readonly number[]) => boolean,
) => Promise<number[][]>;

export interface ExactMatchOptions {
  readonly addBos: boolean;
  /** A longer prompt loses its front, so that the answer has room. */
  readonly maximumPositions: number;
  /** Prompts of a batch, at most; one with more than `promptRows` tokens in all, padded to its longest, has fewer. */
  readonly batchSize: number;
  readonly promptRows: number;
  readonly onProgress?: Progress;
}

/** `exact_match` of a task after the filters strict-match and flexible-extract: GSM8K's two scores. */
export async function exactMatch(
  generator: Generator, tokenizer: TextCodec, task: ExactMatchTask, options: ExactMatchOptions,
): Promise<TaskResult> {
  requireItems(task.name, task.items.length, "item");
  const endOfText = tokenizer.eosIds.map((id) => tokenizer.decode([id]));
  const stops = stopStrings(gsm8kStops, endOfText);
  const prompts = task.items.map(({ prompt }) => fittedPrompt(tokenizer, prompt, task, options));
  const answers = await generateAll(generator, prompts, task.maximumTokens, endsWith(tokenizer, stops), options);
  const samples = task.items.map((item, doc) => {
    const response = cutAtStops(tokenizer.decode(answers[doc], { skipSpecial: true }), stops);
    return { task: task.name, doc, ...sampleOf(item, response) };
  });
  const metric = (name: string) => accuracy(samples.map(({ score }) => score[name]));
  return {
    metrics: {
      "exact_match,strict-match": metric("exact_match,strict-match"),
      "exact_match,flexible-extract": metric("exact_match,flexible-extract"),
    },
    samples,
  };
}

function fittedPrompt(tokenizer: TextCodec, prompt: string, task: ExactMatchTask, options: ExactMatchOptions): number[] {
  const room = options.maximumPositions - task.maximumTokens;
  const ids = encodePrompt(tokenizer, prompt, options.addBos);
  if (room > 0 && ids.length > 0) return ids.slice(-room);
  throw new StrataError("EvaluationError", {
    where: `task ${task.name}`,
    expected: "prompts with at least one token, and room for them in front of the answer",
    got: `a prompt of ${ids.length}, and ${task.maximumTokens} of the model's ${options.maximumPositions} positions for the answer`,
    hint: "Lower maximumTokens or leave out empty prompts.",
  });
}

/** Whether one of the strings was completed by the last tokens. A token is at least one byte, so few have to be looked at. */
function endsWith(tokenizer: TextCodec, stops: readonly string[]): (tokens: readonly number[]) => boolean {
  const longest = Math.max(...stops.map((stop) => Buffer.byteLength(stop)));
  return (tokens) => {
    const text = tokenizer.decode(tokens.slice(-(longest + 2)));
    return stops.some((stop) => stop !== "" && text.includes(stop));
  };
}

/** Batches of prompts of like length; the answers come in the order of the prompts. */
async function generateAll(
  generator: Generator, prompts: readonly (readonly number[])[], maximumTokens: number,
  isDone: (tokens: readonly number[]) => boolean, { batchSize, promptRows, onProgress }: ExactMatchOptions,
): Promise<number[][]> {
  const order = prompts.map((_, i) => i).sort((a, b) => prompts[b].length - prompts[a].length || a - b);
  const answers: number[][] = Array.from({ length: prompts.length });
  for (let i = 0; i < order.length; ) {
    const fitting = Math.max(1, Math.floor(promptRows / prompts[order[i]].length));
    const members = order.slice(i, i + Math.min(batchSize, fitting));
    const rows = await generator(members.map((doc) => prompts[doc]), maximumTokens, (_, tokens) => isDone(tokens));
    members.forEach((doc, row) => (answers[doc] = rows[row]));
    i += members.length;
    onProgress?.(i, prompts.length);
  }
  return answers;
}

function sampleOf({ prompt, answer }: ExactMatchItem, response: string) {
  const filtered = { "strict-match": strictMatch(response), "flexible-extract": flexibleExtract(response) };
  const score: Record<string, number> = {};
  for (const [filter, text] of Object.entries(filtered)) score[`exact_match,${filter}`] = Number(isExactMatch(text, answer));
  return { prompt, target: answer, response, filtered, score };
}
