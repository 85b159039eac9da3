import { expect, it } from "vitest";
import { consoleText, resultsTable, type TableEntry } from "../../../../src/evaluate/harness/output/table.js";
import { PythonFloat } from "../../../../src/text/python-float.js";
import type { Value } from "../../../../src/text/jinja/values/value.js";
import { goldenFile } from "./golden-file.js";
import { facts, groupOf, taskOf } from "./outcomes.js";

type Given = number | string | { float: string };
type Results = Record<string, Record<string, Given>>;
interface TableCase {
  results: Results;
  versions: Record<string, Given>;
  "n-shot": Record<string, number>;
  higher_is_better: Record<string, Record<string, boolean | null>>;
  group_subtasks: Record<string, string[]>;
  table: string;
}

function numberOf(given: Given): number {
  return Number(typeof given === "object" ? given.float.replace("inf", "Infinity") : given);
}

function versionOf(given: Given): Value {
  return typeof given === "object" ? new PythonFloat(numberOf(given)) : given;
}

function metricsOf(result: Record<string, Given>): TableEntry["metrics"] {
  return Object.entries(result).flatMap(([key, value]) => {
    const [metric, filter] = key.split(/,(.*)/s);
    if (filter === undefined || metric.endsWith("_stderr")) return [];
    const error = result[`${metric}_stderr,${filter}`];
    const base = { metric, filter, value: numberOf(value) };
    return error === undefined ? [base] : [{ ...base, standardError: error === "N/A" ? null : numberOf(error) }];
  });
}

function tableOf(given: Omit<TableCase, "table">): string {
  const entries = Object.entries(given.results).map(([name, result]) => ({
    name,
    alias: String(result.alias ?? name),
    version: versionOf(given.versions[name]),
    shots: given["n-shot"][name] ?? null,
    higherIsBetter: new Map(Object.entries(given.higher_is_better[name] ?? {})),
    metrics: metricsOf(result),
  }));
  return resultsTable(entries, new Map(Object.entries(given.group_subtasks)));
}

it("prints tables of random results as pytablewriter does", () => {
  const { cases } = goldenFile<{ cases: TableCase[] }>("tables.json");
  for (const given of cases) expect(tableOf(given)).toBe(given.table);
  expect(cases.length).toBeGreaterThan(30);
});

interface Recorded {
  results_table: {
    args: [Results, TableCase["versions"], TableCase["n-shot"], TableCase["higher_is_better"]];
    extra: { group_subtasks?: TableCase["group_subtasks"] };
    table: string;
  }[];
  end_to_end: {
    id: string;
    results: Results | Omit<TableCase, "table">;
    table: string;
  }[];
}

it("prints the harness's tables", () => {
  const { results_table: cases } = goldenFile<Recorded>("output.json");
  for (const { args, extra, table } of cases) {
    const [results, versions, shots, higherIsBetter] = args;
    const members = extra.group_subtasks ?? {};
    expect(
      tableOf({ results, versions, "n-shot": shots, higher_is_better: higherIsBetter, group_subtasks: members }),
    ).toBe(table);
  }
});

it("prints the tables of whole evaluations", () => {
  for (const { id, results, table } of goldenFile<Recorded>("output.json").end_to_end) {
    // A tag is no group: its case records only the results of its tasks.
    const given = id.startsWith("tag") ? ofTag(results as Results) : (results as Omit<TableCase, "table">);
    expect(tableOf(given)).toBe(table);
  }
});

function ofTag(results: Results): Omit<TableCase, "table"> {
  const each = <Fact>(fact: Fact) => Object.fromEntries(Object.keys(results).map((name) => [name, fact]));
  const directions = each({ acc: true, acc_norm: true });
  return { results, versions: each(1), "n-shot": each(0), higher_is_better: directions, group_subtasks: {} };
}

it("prints the call, tasks below their group and a table of groups", () => {
  const tasks = [taskOf("b", 0.5, 4), taskOf("a", 1, 2)];
  const group = groupOf("g", ["b", "a"], 2 / 3);
  expect(consoleText(tasks, [group], { ...facts, model: "it's", limit: 4 })).toBe(
    `strata ({'pretrained': "it's", 'dtype': 'f32'}), gen_kwargs: ({}), limit: 4.0, num_fewshot: None, batch_size: auto
|Tasks|Version|Filter|n-shot|Metric|   |Value |   |Stderr|
|-----|-------|------|-----:|------|---|-----:|---|------|
|g    |N/A    |none  |     0|acc   |↑  |0.6667|±  |   N/A|
| - a |      1|none  |     0|acc   |↑  |1.0000|±  |0.1000|
| - b |      1|none  |     0|acc   |↑  |0.5000|±  |0.1000|

|Groups|Version|Filter|n-shot|Metric|   |Value |   |Stderr|
|------|-------|------|-----:|------|---|-----:|---|------|
|g     |N/A    |none  |     0|acc   |↑  |0.6667|±  |   N/A|

`,
  );
});
