import { expect, test } from "vitest";
import { encodePair, type TextCodec } from "../../src/evaluate/encode.js";
import { continuationPiece, documentPieces } from "../../src/evaluate/pieces.js";
import { packPieces } from "../../src/evaluate/pack.js";
import { scorePieces } from "../../src/evaluate/score-pieces.js";
import { scoreDocuments } from "../../src/evaluate/validation-loss.js";
import { formulaScorer } from "./formula-scorer.js";
import { golden } from "./golden.js";

interface WindowCase { n_tokens: number; max_seq_len: number; context_len: number; disjoint: [number[], number[]][]; windows: [number[], number[]][] }

test("a document is cut into the harness's windows", () => {
  const cases = golden<{ cases: WindowCase[] }>("rolling_windows").cases.filter(({ context_len }) => context_len === 1);
  expect(cases).toHaveLength(5);
  for (const { n_tokens, max_seq_len, windows } of cases) {
    const tokens = Array.from({ length: n_tokens }, (_, i) => 100 + i);
    const pieces = documentPieces(tokens, 1, max_seq_len);
    // The harness feeds whole windows and drops the predictions in front.
    expect(pieces.map(({ inputs, predicted }) => [inputs, predicted])).toEqual(windows);
  }
});

interface PairCase { context: string; continuation: string; adds_bos: boolean; context_tokens: string[]; continuation_tokens: string[] }

/** Words, digits and signs, numbered as they come. */
function toyCodec(pattern: string): TextCodec & { name(id: number): string } {
  const names = ["<bos>"];
  const idOf = (name: string) => (names.includes(name) ? names.indexOf(name) : names.push(name) - 1);
  return {
    bosId: 0,
    eosIds: [],
    encode: (text) => [...text.matchAll(new RegExp(pattern, "g"))].map(([name]) => idOf(name)),
    decode: (ids) => ids.map((id) => names[id]).join(""),
    name: (id) => names[id],
  };
}

test("context and continuation are encoded as the harness encodes them", () => {
  const { tokenizer_regex, cases } = golden<{ tokenizer_regex: string; cases: PairCase[] }>("encode_pair");
  const codec = toyCodec(tokenizer_regex);
  expect(cases).toHaveLength(12);
  for (const { context, continuation, adds_bos, context_tokens, continuation_tokens } of cases) {
    const encoded = () => encodePair(codec, context, continuation, adds_bos);
    if (continuation_tokens.length === 0) {
      expect(encoded).toThrow('the choice "" — expected at least one token, got none.\n  Leave out items with an empty choice.');
      continue;
    }
    const pair = encoded();
    expect([pair.context.map(codec.name), pair.continuation.map(codec.name)]).toEqual([context_tokens, continuation_tokens]);
  }
});

interface HarnessScores {
  loglikelihood: { max_length: number; requests: { context: number[]; continuation: number[]; logprob: number; is_greedy: boolean }[] }[];
  rolling: { max_length: number; tokens: number[]; loglikelihood: number }[];
}

test("continuations score as in the harness, in batches of any size", async () => {
  for (const { max_length, requests } of golden<HarnessScores>("hf_scoring").loglikelihood) {
    const pieces = requests.map(({ context, continuation }) => continuationPiece(context, continuation, max_length));
    for (const [T, rows] of [[max_length, 1], [max_length, 16], [max_length + 9, 64]]) {
      const scores = await scorePieces(formulaScorer, pieces, T, rows);
      requests.forEach(({ logprob, is_greedy }, i) => {
        expect(scores[i].logLikelihood).toBeCloseTo(logprob, 5);
        expect(scores[i].isGreedy).toBe(is_greedy);
      });
    }
  }
});

test("documents score as in the harness, together or alone", async () => {
  const { rolling } = golden<HarnessScores>("hf_scoring");
  expect(rolling).toHaveLength(9);
  for (const T of new Set(rolling.map(({ max_length }) => max_length))) {
    const cases = rolling.filter(({ max_length }) => max_length === T);
    const together = await scoreDocuments(formulaScorer, cases.map(({ tokens }) => tokens), 1, T, 64);
    cases.forEach(({ loglikelihood, tokens }, i) => {
      expect(together[i].logLikelihood).toBeCloseTo(loglikelihood, 5);
      expect(together[i].tokens).toBe(tokens.length);
    });
  }
});

test("packing places every piece once, whole, and fills what it can", () => {
  const pieces = [5, 3, 8, 1, 1, 4, 2, 7].map((length, i) => ({ inputs: Array(length).fill(i + 1), predicted: [i] }));
  const batches = [...packPieces(pieces, 8, 16)];
  expect(batches.map(({ batch }) => batch.B)).toEqual([2, 2]); // 31 tokens fit into four sequences of 8
  const seen = batches.flatMap(({ batch, placed }) =>
    placed.map(({ piece, row }) => {
      const { inputs, predicted } = pieces[piece];
      const end = row + inputs.length;
      expect(Array.from(batch.ids.subarray(row, end))).toEqual(inputs);
      expect(batch.targets[end - 1]).toBe(predicted[0]);
      expect(new Set(batch.firstVisible.slice(row, end))).toEqual(new Set([row % 8]));
      return piece;
    }),
  );
  expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const targets = batches.flatMap(({ batch }) => [...batch.targets].filter((target) => target >= 0));
  expect(targets).toHaveLength(pieces.length);
});
