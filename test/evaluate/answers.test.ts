import { expect, test } from "vitest";
import { findTask } from "../../src/evaluate/harness/config/find-tasks.js";
import { withGenerationLimit } from "../../src/evaluate/harness/config/generation-limit.js";
import { generationSettings } from "../../src/evaluate/harness/score/generation-settings.js";
import { openScoreJournal } from "../../src/evaluate/output/score-journal.js";
import type { Generator } from "../../src/evaluate/request/generate-answers.js";
import { fileTaskKind } from "../../src/evaluate/task/kinds/file-task.js";
import { Dict } from "../../src/text/jinja/values/value.js";
import { bytes } from "./byte-tokenizer.js";
import { choicesTask, fileTask } from "./file-tasks.js";
import { formulaScorer } from "./formula-scorer.js";

interface Asked {
  readonly prompt: string;
  readonly tokens: number;
}

/** Answers each prompt by its second to last byte, one token per step, until `stop` returns true. */
function scripted(script: Readonly<Record<string, string>>, log: Asked[]): Generator {
  return (prompts, { maxTokens, stop, known, onEnd }) =>
    Promise.resolve(
      prompts.map((prompt, row) => {
        if (known.has(row)) return [...known.get(row)!];
        const text = bytes.decode(prompt);
        const out: number[] = [];
        for (const id of bytes.encode(script[text.at(-2) as string])) {
          if (out.length === maxTokens) break;
          out.push(id);
          if (stop(row, out)) break;
        }
        log.push({ prompt: text, tokens: out.length });
        onEnd(row, out);
        return out;
      }),
    );
}

const script = { a: " 9*2\n#### 18\n\nQuestion: and more, never read", b: " it is $1,000.</s>", c: " 7 or 8" };
const gsm8k = findTask("gsm8k").config;
/** GSM8K with the bare question as its prompt. */
const task = await fileTask("problems", { ...withGenerationLimit(gsm8k, 40), text: "question" }, [
  { question: "first a:", answer: "so\n#### 18" },
  { question: "a longer second b:", answer: "1,000" },
  { question: "c:", answer: "7" },
]);

async function score(prefix: readonly number[], maxPositions: number) {
  const log: Asked[] = [];
  const session = {
    scorerFor: () => formulaScorer,
    generator: scripted(script, log),
    between: async () => {},
    close: () => {},
  };
  const result = await fileTaskKind.score(task, {
    tokenizer: bytes,
    session,
    sequenceLength: maxPositions,
    prefix,
    maxPositions,
    maxRows: 64,
    journal: openScoreJournal(null).task("problems"),
    onProgress: () => {},
  });
  return { log, ...result };
}

test("a generation ends with its first stop string and is scored without it by both filters", async () => {
  const { log, metrics, samples } = await score([], 100);
  expect(log).toEqual([
    { prompt: "a longer second b:", tokens: 18 },
    { prompt: "first a:", tokens: 23 },
    { prompt: "c:", tokens: 7 },
  ]);
  expect(samples[0]).toEqual({
    task: "problems",
    doc: 0,
    prompt: "first a:",
    target: "so\n#### 18",
    responses: [" 9*2\n#### 18\n\n"],
    filtered: { "strict-match": "18", "flexible-extract": "18" },
    score: { "exact_match,strict-match": 1, "exact_match,flexible-extract": 1 },
  });
  expect(metrics["exact_match,strict-match"].value).toBeCloseTo(1 / 3, 12);
  expect(metrics["exact_match,flexible-extract"].value).toBeCloseTo(2 / 3, 12);
});

test("a prompt is truncated on the left to fit its answer, which gets at most half of too few positions", async () => {
  const { log } = await score([256], 46);
  expect(log.map(({ prompt }) => prompt)).toEqual(["rst a:", "ond b:", "<256>c:"]);
  const short = await score([256], 10);
  expect(short.log.every(({ prompt }) => prompt.length <= 10)).toBe(true);
  expect(short.log.map(({ tokens }) => tokens <= 5)).toEqual([true, true, true]);
});

test("a limit of the answers replaces every name of the task's own, and no other setting", () => {
  const generation = new Dict([
    ["until", ["\n"]],
    ["max_new_tokens", 7],
    ["max_gen_toks", 8],
    ["do_sample", false],
  ]);
  const limited = withGenerationLimit({ ...gsm8k, generation }, 5);
  expect(generationSettings(limited.generation!, "<eos>", "t")).toEqual({ stops: ["\n", "<eos>"], maxTokens: 5 });
  expect(Object.fromEntries(limited.generation!.items())).toEqual({
    until: ["\n"],
    do_sample: false,
    max_gen_toks: 5,
  });
  expect(withGenerationLimit(choicesTask, 5)).toBe(choicesTask);
});
