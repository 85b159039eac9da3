import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { resolveTasks } from "../../../src/evaluate/harness/config/resolve-tasks.js";
import { findTaskFiles } from "../../../src/evaluate/harness/config/task-files.js";
import type { TaskOutcome } from "../../../src/evaluate/harness/outcome.js";
import { SampleLines } from "../../../src/evaluate/harness/output/sample-lines.js";
import { summarize } from "../../../src/evaluate/harness/output/summary.js";
import { resultsTable } from "../../../src/evaluate/harness/output/table.js";
import { prepareTask } from "../../../src/evaluate/harness/prompt/prepare-task.js";
import type { HarnessRequest, PreparedTask } from "../../../src/evaluate/harness/prompt/requests.js";
import type { Response } from "../../../src/evaluate/harness/score/response.js";
import { judgeOf } from "../../../src/evaluate/harness/score/task-outcome.js";
import { fromJson } from "../../../src/text/jinja/from-json.js";
import type { Dict } from "../../../src/text/jinja/values/value.js";

type Docs = readonly object[];

interface Case {
  readonly id: string;
  readonly tasks: readonly string[];
  readonly num_fewshot: number | null;
  readonly requests: readonly {
    readonly type: string;
    readonly context?: string;
    readonly continuation?: string;
    readonly text?: string;
    readonly response: readonly [number, boolean] | number | string;
  }[];
  readonly results: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly samples: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly table: string;
}

const golden = JSON.parse(readFileSync(new URL("../../golden/harness-end-to-end.json", import.meta.url), "utf8")) as {
  readonly end_to_end: { readonly datasets: Readonly<Record<string, Record<string, Docs>>>; readonly cases: Case[] };
};
const { datasets, cases } = golden.end_to_end;
const files = findTaskFiles([]);

function documentsOf(task: string): { readonly scored: Dict[]; readonly pool: Dict[] } {
  const set = datasets[task.startsWith("arc") ? "arc" : task];
  const [pool, scored] = [set.train ?? [], set.test ?? set.validation];
  const isSmall = task === "arc_challenge";
  const docs = (all: Docs, count: number) =>
    all.slice(0, isSmall ? count : all.length).map((doc) => fromJson(doc) as Dict);
  return { scored: docs(scored, 3), pool: docs(pool, 12) };
}

async function prepare(task: string, shots: number | null): Promise<PreparedTask> {
  const { tasks } = resolveTasks([task], files);
  const { scored, pool } = documentsOf(task);
  const settings = { shots, limit: null, systemInstruction: null, chat: null };
  const split = (documents: Dict[]) => ({ documents, places: documents.map((_, i) => `line ${i + 1}`) });
  return prepareTask(tasks[0], { scored: split(scored), examples: async () => split(pool) }, settings);
}

function responseOf(response: Case["requests"][number]["response"]): Response {
  if (typeof response === "string") return { text: response };
  if (typeof response === "number") return { logLikelihood: response };
  return { logLikelihood: response[0], isGreedy: response[1] };
}

function plain(request: HarnessRequest) {
  if (request.kind === "rolling") return { text: request.text };
  if (request.kind === "generation") return { context: request.context };
  return { context: request.context, continuation: request.continuation };
}

async function outcomesOf({ tasks, num_fewshot, requests }: Case): Promise<TaskOutcome[]> {
  const responses = requests.map(({ response }) => responseOf(response));
  const outcomes: TaskOutcome[] = [];
  for (const name of tasks) {
    const task = await prepare(name, num_fewshot);
    const own = task.documents.map((document) => document.requests.map(() => responses.shift() as Response));
    outcomes.push(judgeOf(task).outcome(own, null));
  }
  return outcomes;
}

describe.each(cases)("$id, as the harness computed it", (one) => {
  test("asks for the same texts in the same order", async () => {
    const asked: object[] = [];
    for (const name of one.tasks) {
      const task = await prepare(name, one.num_fewshot);
      for (const { requests } of task.documents) asked.push(...requests.map(plain));
    }
    const expected = one.requests.map(({ context, continuation, text }) => ({
      ...(context === undefined ? {} : { context }),
      ...(continuation === undefined ? {} : { continuation }),
      ...(text === undefined ? {} : { text }),
    }));
    expect(asked).toEqual(expected);
  });

  test("has the same samples, hashes and metrics", async () => {
    for (const outcome of await outcomesOf(one)) {
      const lines = [...new SampleLines(outcome.samples).lines()].map((line) => JSON.parse(line) as object);
      const expected = one.samples[outcome.task];
      expect(lines.length).toBe(expected.length);
      for (const [i, line] of lines.entries()) {
        const { arguments: _, resps: __, filtered_resps: ___, target: ____, ...rest } = expected[i];
        expect(line).toMatchObject(rest);
      }
      const results = one.results.results[outcome.task];
      for (const { metric, filter, value } of outcome.metrics)
        expect(value, metric).toBeCloseTo(results[`${metric},${filter}`] as number, 9);
    }
  });

  test("prints the same table", async () => {
    const outcomes = await outcomesOf(one);
    expect(resultsTable(summarize(outcomes, []), new Map())).toBe(one.table);
  });
});
