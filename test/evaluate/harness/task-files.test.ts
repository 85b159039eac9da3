import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { taskFunctions } from "../../../src/evaluate/harness/functions/task-functions.js";

const folder = join(import.meta.dirname, "../../../tasks");
const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith(".yaml")).sort();

const functions: string[] = [];
const read = (name: string) =>
  parse(readFileSync(join(folder, name), "utf8"), {
    customTags: [{ tag: "!function", resolve: (text: string) => functions.push(text) && `!function ${text}` }],
  }) as Record<string, unknown>;

test("every task file has its task's name, and one of the format's keys for what to do", () => {
  const names = files.map((name) => {
    const { task, group, output_type: type, include, aggregate_metric_list: aggregated } = read(name);
    expect(
      [type, include, aggregated].some((value) => value !== undefined),
      name,
    ).toBe(true);
    const own = String(group ?? task);
    expect([own, own.replace("mmlu_", "")]).toContain(basename(name, ".yaml"));
    return own;
  });
  expect(new Set(names).size).toBe(names.length);
  const named = "arc_challenge arc_easy boolq gsm8k gsm8k_cot hellaswag openbookqa piqa sciq wikitext winogrande";
  expect(names.filter((name) => !name.startsWith("mmlu"))).toEqual(named.split(" "));
});

test("every function of a task file is known", () => {
  files.forEach(read);
  expect(new Set(functions)).toEqual(new Set(Object.keys(taskFunctions)));
});

test("MMLU has 57 subjects in four categories, and a group for each", () => {
  const subjects = files.filter((name) => name.startsWith("mmlu/") && name.split("/").length === 3).map(read);
  const counts = new Map<unknown, number>();
  for (const { tag } of subjects) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({
    mmlu_stem_tasks: 19,
    mmlu_other_tasks: 13,
    mmlu_social_sciences_tasks: 12,
    mmlu_humanities_tasks: 13,
  });
  for (const { dataset_name: name, task, task_alias: alias, description, include } of subjects) {
    expect([task, alias, include]).toEqual([`mmlu_${name}`, name, "../template_yaml"]);
    const subject = String(name).replaceAll("_", " ");
    expect(description).toBe(`The following are multiple choice questions (with answers) about ${subject}.\n\n`);
  }
  for (const tag of counts.keys()) {
    const group = String(tag).replace(/_tasks$/, "");
    expect(read(`mmlu/${group}.yaml`)).toMatchObject({ group, task: [tag] });
  }
});
