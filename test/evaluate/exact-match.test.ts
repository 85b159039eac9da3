import { expect, test } from "vitest";
import { exactMatch } from "../../src/evaluate/metric/exact-match.js";
import type { Generator } from "../../src/evaluate/request/generate-answers.js";
import { openScoreJournal } from "../../src/evaluate/output/score-journal.js";
import { bytes } from "./byte-tokenizer.js";

/** Answers each prompt by its second to last byte, one token per step, until `stop` returns true. */
function scripted(script: Readonly<Record<string, string>>, log: { prompt: string; tokens: number }[]): Generator {
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

const items = [
  { prompt: "first a:", answer: "so\n#### 18" },
  { prompt: "a longer second b:", answer: "1,000" },
  { prompt: "c:", answer: "7" },
];
const script = { a: " 9*2\n#### 18\n\nQuestion: and more, never read", b: " it is $1,000.</s>", c: " 7 or 8" };
const answers = () => openScoreJournal(null).task<readonly number[]>("problems");
const task = { name: "problems", kind: "exact-match", items, maxTokens: 40 } as const;

test("a generation ends with its first stop string and is scored without it by both filters", async () => {
  const log: { prompt: string; tokens: number }[] = [];
  const options = { prefix: [], maxPositions: 100, journal: answers(), onProgress: () => {} };
  const { metrics, samples } = await exactMatch(scripted(script, log), bytes, task, options);
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
    response: " 9*2\n#### 18\n\n",
    filtered: { "strict-match": "18", "flexible-extract": "18" },
    score: { "exact_match,strict-match": 1, "exact_match,flexible-extract": 1 },
  });
  expect(metrics["exact_match,strict-match"].value).toBeCloseTo(1 / 3, 12);
  expect(metrics["exact_match,flexible-extract"].value).toBeCloseTo(2 / 3, 12);
});

test("a prompt is truncated on the left to fit its answer, which gets at most half of too few positions", async () => {
  const log: { prompt: string; tokens: number }[] = [];
  const options = { prefix: [256], maxPositions: 46, journal: answers(), onProgress: () => {} };
  await exactMatch(scripted(script, log), bytes, task, options);
  expect(log.map(({ prompt }) => prompt)).toEqual(["rst a:", "ond b:", "<256>c:"]);
  log.length = 0;
  await exactMatch(scripted(script, log), bytes, task, { ...options, maxPositions: 10, journal: answers() });
  expect(log.every(({ prompt }) => prompt.length <= 10)).toBe(true);
  expect(log.map(({ tokens }) => tokens <= 5)).toEqual([true, true, true]);
});
