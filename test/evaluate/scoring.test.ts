import { expect, test } from "vitest";
import { encodePair, type TextCodec } from "../../src/evaluate/request/encode.js";
import { continuationRequest, documentRequests } from "../../src/evaluate/request/requests.js";
import { packSharedPrefixes } from "../../src/evaluate/request/pack-shared-prefixes.js";
import { scoreRequests } from "../../src/evaluate/request/score-requests.js";
import { scoreDocuments } from "../../src/evaluate/metric/validation-loss.js";
import { formulaOptions } from "./formula-scorer.js";
import { golden } from "./golden.js";

interface WindowCase {
  n_tokens: number;
  max_seq_len: number;
  context_len: number;
  disjoint: [number[], number[]][];
  windows: [number[], number[]][];
}

test("a document is divided into the harness's windows", () => {
  const cases = golden<{ cases: WindowCase[] }>("rolling_windows").cases.filter(({ context_len }) => context_len === 1);
  expect(cases).toHaveLength(5);
  for (const { n_tokens, max_seq_len, windows } of cases) {
    const tokens = Array.from({ length: n_tokens }, (_, i) => 100 + i);
    const pieces = documentRequests(tokens, 1, max_seq_len);
    // The harness feeds whole windows and drops the first predictions.
    expect(pieces.map(({ inputs, predicted }) => [inputs, predicted])).toEqual(windows);
  }
});

interface PairCase {
  context: string;
  continuation: string;
  adds_bos: boolean;
  context_tokens: string[];
  continuation_tokens: string[];
}

/** Words, digits and signs, numbered in order of appearance. */
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

test("context and continuation are tokenized as in the harness", () => {
  const { tokenizer_regex, cases } = golden<{ tokenizer_regex: string; cases: PairCase[] }>("encode_pair");
  const codec = toyCodec(tokenizer_regex);
  expect(cases).toHaveLength(12);
  for (const { context, continuation, adds_bos, context_tokens, continuation_tokens } of cases) {
    const encoded = () => encodePair(codec, context, continuation, adds_bos ? [0] : []);
    if (continuation_tokens.length === 0) {
      expect(encoded).toThrow(
        'the choice "" — expected at least one token, got none.\n  Remove items with an empty choice.',
      );
      continue;
    }
    const pair = encoded();
    expect([pair.context.map(codec.name), pair.continuation.map(codec.name)]).toEqual([
      context_tokens,
      continuation_tokens,
    ]);
  }
});

interface HarnessScores {
  loglikelihood: {
    max_length: number;
    requests: { context: number[]; continuation: number[]; logprob: number; is_greedy: boolean }[];
  }[];
  rolling: { max_length: number; tokens: number[]; loglikelihood: number }[];
}

test("continuations score as in the harness, in batches of any size", async () => {
  for (const { max_length, requests } of golden<HarnessScores>("hf_scoring").loglikelihood) {
    const pieces = requests.map(({ context, continuation }) => continuationRequest(context, continuation, max_length));
    for (const groups of [[pieces], pieces.map((piece) => [piece]), [pieces.slice(0, 2), pieces.slice(2)]]) {
      const scores = (await Promise.all([1, 16, 64].map((rows) => scoreRequests(groups, formulaOptions(rows))))).at(
        -1,
      )!;
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
    const together = await scoreDocuments(
      cases.map(({ tokens }) => ({ tokens, predicted: [[0, tokens.length]] as const })),
      1,
      { ...formulaOptions(64), sequenceLength: T },
    );
    cases.forEach(({ loglikelihood, tokens }, i) => {
      expect(together[i].logLikelihood).toBeCloseTo(loglikelihood, 5);
      expect(together[i].tokens).toBe(tokens.length);
    });
  }
});

test("a group has its common prefix once, every request is whole, and there is no padding", () => {
  const piece = (inputs: number[], predicted: number[]) => ({ inputs, predicted });
  const groups = [
    [piece([1, 2, 3], [7]), piece([1, 2, 4, 5, 6], [5, 6, 8]), piece([1, 2], [9]), piece([1, 2, 3, 9], [3, 3])],
    [piece([5, 5], [1])],
    [piece([1], [2]), piece([2], [3])],
  ];
  const pieces = groups.flat();
  for (const maxRows of [1, 9, 100]) {
    const batches = packSharedPrefixes(groups, maxRows);
    expect(batches.reduce((sum, { batch }) => sum + batch.ids.length, 0)).toBe(2 + 3 + 2 + 1 + 2 + 1 + 1);
    const seen = batches.flatMap(({ batch, placed }) =>
      placed.map(({ request: number, first }) => {
        const { inputs, predicted } = pieces[number];
        expect(Array.from(batch.targets.slice(first, first + predicted.length))).toEqual(predicted);
        const rows = Array.from(batch.rows.slice(first, first + predicted.length));
        expect(rows.map((row) => batch.ids[row])).toEqual(inputs.slice(-predicted.length));
        expect(rows.map((row) => batch.positions[row])).toEqual(inputs.map((_, i) => i).slice(-predicted.length));
        return number;
      }),
    );
    expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  }
  expect(packSharedPrefixes(groups, 9).map(({ batch }) => batch.groups.length)).toEqual([1, 3]);
  expect(packSharedPrefixes(groups, 100)[0].batch.groups[0]).toEqual({
    start: 0,
    prefix: 2,
    continuations: [3, 2, 1, 0],
  });
});
