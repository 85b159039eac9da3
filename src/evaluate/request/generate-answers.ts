import type { GenerateOptions } from "../../model/inference/generate.js";
import type { TaskJournal } from "../output/score-journal.js";
import type { Progress } from "../task/task.js";
import type { TextCodec } from "./encode.js";

/** Greedily generates tokens for each prompt. A row ends at EOS, when `stop` returns true, or after `maxTokens`. */
export type Generator = (
  prompts: readonly (readonly number[])[],
  options: Required<Pick<GenerateOptions, "maxTokens" | "stop" | "known" | "onEnd">>,
) => Promise<number[][]>;

export interface AnswerOptions {
  /** Strings after which an answer ends. */
  readonly stops: readonly string[];
  readonly maxTokens: number;
  /** Generated tokens by prompt: has those of earlier runs, and receives those of each finished prompt. */
  readonly journal: TaskJournal<readonly number[]>;
  readonly onProgress: Progress;
}

/** Whether the last tokens contain a stop string. Only a few are decoded, because a token has at least one byte. */
function endsWith(
  tokenizer: Pick<TextCodec, "decode">,
  stops: readonly string[],
): (tokens: readonly number[]) => boolean {
  const maxBytes = Math.max(...stops.map((stop) => Buffer.byteLength(stop)));
  return (tokens) => {
    const text = tokenizer.decode(tokens.slice(-(maxBytes + 2)));
    return stops.some((stop) => stop !== "" && text.includes(stop));
  };
}

/**
 * The new tokens of each prompt, in order. The longest prompts come first, so that rows of similar length run together.
 */
export async function generateAnswers(
  generator: Generator,
  tokenizer: Pick<TextCodec, "decode">,
  prompts: readonly (readonly number[])[],
  { stops, maxTokens, journal, onProgress }: AnswerOptions,
): Promise<readonly (readonly number[])[]> {
  const isDone = endsWith(tokenizer, stops);
  const order = prompts.map((_, i) => i).sort((a, b) => prompts[b].length - prompts[a].length || a - b);
  const known = new Map(
    order.flatMap((doc, row) => (journal.known.has(doc) ? [[row, journal.known.get(doc) as readonly number[]]] : [])),
  );
  await generator(
    order.map((doc) => prompts[doc]),
    {
      maxTokens,
      stop: (_, tokens) => isDone(tokens),
      known,
      onEnd: (row, tokens) => {
        journal.add([[order[row], tokens]]);
        onProgress(journal.known.size, prompts.length);
      },
    },
  );
  return prompts.map((_, doc) => journal.known.get(doc) ?? []);
}
