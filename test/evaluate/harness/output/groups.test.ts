import { expect, it } from "vitest";
import { aggregateGroup, type GroupMetric } from "../../../../src/evaluate/harness/output/aggregate-group.js";
import { dumpJson } from "../../../../src/evaluate/harness/output/python-json.js";
import { resultsObject } from "../../../../src/evaluate/harness/output/results-file.js";
import { consoleText } from "../../../../src/evaluate/harness/output/table.js";
import type { GroupOutcome, TaskOutcome } from "../../../../src/evaluate/harness/outcome.js";
import { Dict } from "../../../../src/text/jinja/values/value.js";
import { goldenFile } from "./golden-file.js";
import { facts } from "./outcomes.js";

interface GroupCase {
  tasks: {
    task: string;
    shots: number;
    higherIsBetter: [string, boolean][];
    scores: [metric: string, filter: string, value: number, error: number | "N/A"][];
    size: number;
  }[];
  groups: (Pick<GroupOutcome, "group" | "alias" | "version" | "members"> & {
    tasks: string[];
    settings: GroupMetric[];
  })[];
  tables: string[];
  results: Record<string, unknown>;
}

function taskOutcome({ task, shots, higherIsBetter, scores, size }: GroupCase["tasks"][number]): TaskOutcome {
  const metrics = scores.map(([metric, filter, value, error]) => ({
    metric,
    filter,
    value,
    standardError: error === "N/A" ? null : error,
  }));
  const documents = { original: 50, effective: size };
  return {
    task,
    alias: task,
    version: 1,
    shots,
    higherIsBetter,
    metrics,
    documents,
    config: new Dict(),
    samples: [],
    seconds: null,
  };
}

function groupOutcome(
  { tasks: names, settings, ...group }: GroupCase["groups"][number],
  tasks: readonly TaskOutcome[],
): GroupOutcome {
  const below = names.map((name) => tasks.find(({ task }) => task === name) as TaskOutcome);
  const documents = below.reduce((sum, task) => sum + task.documents.effective, 0);
  return { ...group, metrics: aggregateGroup(settings, below), aggregates: settings.length > 0, documents };
}

/** As text, so that the order of keys counts, with 12 digits. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "number" ? Number(part.toPrecision(12)) : part), 1);
}

it("aggregates, writes and prints groups as the harness does", () => {
  for (const given of goldenFile<{ cases: GroupCase[] }>("groups.json").cases) {
    const tasks = given.tasks.map(taskOutcome);
    const groups = given.groups.map((group) => groupOutcome(group, tasks));
    const [, ...printed] = consoleText(tasks, groups, facts).split("\n");
    expect(printed.join("\n")).toBe(given.tables.map((table) => `${table}\n`).join(""));
    const written = JSON.parse(dumpJson(resultsObject({ tasks, groups }, facts, new Map())));
    const keys = Object.keys(written).slice(0, Object.keys(written).indexOf("config"));
    expect(textOf(Object.fromEntries(keys.map((key) => [key, written[key]])))).toBe(textOf(given.results));
  }
});
