import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

const model = join(import.meta.dirname, "../golden/gguf/untied");
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);

function question(i: number) {
  const text = [`one ${i}`, `two ${i}`, `three ${i}`];
  return {
    id: `Q${i}`,
    question: `Which is ${i}?`,
    choices: { text, label: ["A", "B", "C"] },
    answerKey: "ABC"[i % 3],
  };
}

function writeLines(path: string, records: readonly object[]): void {
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

beforeAll(() => {
  mkdirSync(at("arc"));
  writeLines(
    at("arc", "train.jsonl"),
    Array.from({ length: 12 }, (_, i) => question(i + 100)),
  );
  writeLines(
    at("arc", "test.jsonl"),
    Array.from({ length: 7 }, (_, i) => question(i)),
  );
  mkdirSync(at("gsm8k"));
  const sum = (i: number) => ({ question: `What is ${i} + 1?`, answer: `${i} + 1 = ${i + 1}\n#### ${i + 1}` });
  writeLines(
    at("gsm8k", "train.jsonl"),
    Array.from({ length: 9 }, (_, i) => sum(i + 10)),
  );
  writeLines(
    at("gsm8k", "test.jsonl"),
    Array.from({ length: 3 }, (_, i) => sum(i)),
  );
});

const here = (args: readonly string[]) => strata(args, undefined, {}, folder);

/** The options that each call needs. */
function call(tasks: string, ...more: string[]) {
  return here(["eval", "--model", model, "--tasks", tasks, "--dtype", "f32", ...more]);
}

/** The files below an output folder, by the start of their names. */
function filesOf(output: string): Record<string, string> {
  if (!existsSync(at(output))) return {};
  const names = readdirSync(at(output), { recursive: true, encoding: "utf8" }).filter((name) => /\.jsonl?$/.test(name));
  return Object.fromEntries(names.map((name) => [/[^/]*(?=_2\d{3}-)/.exec(name)?.[0] ?? name, at(output, name)]));
}

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const readLines = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("an evaluation", () => {
  test("prints a table and writes results and samples that agree", async () => {
    const data = ["--data", "arc_easy=arc", "--data", "gsm8k=gsm8k"];
    const done = await call("arc_easy,gsm8k", ...data, "--num_fewshot", "2", "--output_path", "out", "--log_samples");
    expect(done.code, done.err).toBe(0);
    expect(done.out).toMatch(/^strata \(.*num_fewshot: 2.*\n\| *Tasks *\|Version\|.*\n(\|.*\n)+\n$/);
    const files = filesOf("out");
    expect(Object.keys(files).toSorted()).toEqual(["results", "samples_arc_easy", "samples_gsm8k"]);
    const results = readJson(files.results);
    const samples = readLines(files.samples_arc_easy);
    expect(results["n-samples"]).toEqual({
      arc_easy: { original: 7, effective: 7 },
      gsm8k: { original: 3, effective: 3 },
    });
    expect(results.results.arc_easy["acc,none"]).toBeCloseTo(samples.reduce((sum, { acc }) => sum + acc, 0) / 7, 12);
    for (const { filtered_resps: answers, target, acc } of samples) {
      const sums = answers.map(([logLikelihood]: string[]) => Number(logLikelihood));
      expect(acc).toBe(Number(sums.indexOf(Math.max(...sums)) === Number(target)));
    }
    expect(readLines(files.samples_gsm8k).map(({ filter }) => filter)).toEqual([
      ...Array.from({ length: 3 }, () => "strict-match"),
      ...Array.from({ length: 3 }, () => "flexible-extract"),
    ]);
  });

  test("of the first documents has the prompts and scores of an evaluation of all", async () => {
    const options = ["--data", "arc_easy=arc", "--num_fewshot", "3", "--log_samples"];
    await call("arc_easy", ...options, "--output_path", "all");
    await call("arc_easy", ...options, "--output_path", "some", "--limit", "3");
    const [all, some] = ["all", "some"].map((output) => readLines(filesOf(output).samples_arc_easy));
    // Other requests in a batch change a log-likelihood by rounding.
    const rounded = (lines: unknown) =>
      JSON.stringify(lines, (_, leaf: unknown) =>
        typeof leaf === "string" && /^-\d+\.\d+$/.test(leaf) ? Number(leaf).toPrecision(5) : leaf,
      );
    expect(rounded(some)).toBe(rounded(all.slice(0, 3)));
  });

  test("of tasks of one's own reads their files, in a folder or by name", async () => {
    mkdirSync(at("mine"));
    writeFileSync(at("mine", "base"), "dataset_path: json\ndataset_kwargs: { data_files: { test: arc/test.jsonl } }\n");
    const task = "include: base\ntask: mine\noutput_type: multiple_choice\ntest_split: test\ndoc_to_text: question\n";
    const fields = 'doc_to_choice: "{{choices.text}}"\ndoc_to_target: "{{choices.label.index(answerKey)}}"\n';
    writeFileSync(at("mine", "mine.yaml"), task + fields);
    const named = await call("mine", "--include_path", "mine", "--limit", "2");
    expect(named.out, named.err).toMatch(/\|mine \|Yaml +\|none/);
    expect((await call("mine/mine.yaml", "--limit", "2")).out).toBe(named.out);
  });

  test("of two models prints two tables, and --compare their difference", async () => {
    const options = ["--data", "arc_easy=arc", "--log_samples"];
    const both = await call("arc_easy", ...options, "--model", model, "--output_path", "both");
    expect(both.out.match(/^\|arc_easy\|/gm)).toHaveLength(2);
    await call("arc_easy", ...options, "--output_path", "first");
    await call("arc_easy", ...options, "--output_path", "second", "--bos", "always");
    const compared = await here(["eval", "--compare", "first", "second"]);
    expect(compared.out, compared.err).toMatch(/arc_easy +none +acc ↑ +7/);
    expect((await here(["eval", "--compare", "first"])).err).toMatch(/two results files or folders, got 1/);
  });
});

describe("what is wrong is named before anything runs, and no results are written", () => {
  const yaml = (text: string) => {
    const name = `wrong-${text.length}-${text.slice(-6).replace(/\W/g, "")}`;
    mkdirSync(at(name), { recursive: true });
    const whole =
      "task: wrong\ndataset_path: json\ndataset_kwargs: { data_files: { test: arc/test.jsonl } }\ntest_split: test\n";
    writeFileSync(at(name, "wrong.yaml"), whole + text);
    return ["wrong", "--include_path", name];
  };
  const generation = "output_type: generate_until\ndoc_to_text: question\ndoc_to_target: answerKey\n";
  const cases: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ["an unknown task", () => ["arc_eazy"], /--tasks arc_eazy.*\n.*Did you mean "arc_easy"/],
    ["no task", () => [""], /--tasks — expected names of tasks/],
    ["data of another task", () => ["arc_easy", "--data", "gsm8k=gsm8k"], /--data gsm8k=gsm8k.*arc_easy/],
    ["no such file", () => ["arc_easy", "--data", "arc_easy=nowhere"], /nowhere/],
    [
      "examples for a single file",
      () => ["arc_easy", "--data", "arc_easy=arc/test.jsonl", "--num_fewshot", "2"],
      /task arc_easy.*examples/,
    ],
    [
      "more examples than there are",
      () => ["arc_easy", "--data", "arc_easy=arc", "--num_fewshot", "20"],
      /examples of arc_easy.*at least 20 documents.*got 12/,
    ],
    [
      "an answer that is no choice",
      () => {
        writeLines(at("key.jsonl"), [question(1), { ...question(2), answerKey: "Z" }]);
        return ["arc_easy", "--data", "arc_easy=key.jsonl"];
      },
      /key\.jsonl:2 answerKey.*got "Z"/,
    ],
    [
      "a missing column",
      () => {
        writeLines(at("column.jsonl"), [{ ...question(1), question: undefined }]);
        return ["arc_easy", "--data", "arc_easy=column.jsonl"];
      },
      /column\.jsonl:1 question/,
    ],
    [
      "an empty choice",
      () => {
        writeLines(at("empty.jsonl"), [{ ...question(1), choices: { text: ["", "b"], label: ["B", "A"] } }]);
        return [
          ...yaml(
            'output_type: multiple_choice\ntarget_delimiter: ""\ndoc_to_text: question\n' +
              'doc_to_choice: "{{choices.text}}"\ndoc_to_target: 1\n',
          ),
          "--data",
          "wrong=empty.jsonl",
        ];
      },
      /wrong document 0, empty\.jsonl:1.*at least one token/,
    ],
    ["an unknown key", () => yaml("doc_to_txt: question\n"), /wrong\.yaml doc_to_txt.*\n.*Did you mean "doc_to_text"/],
    ["no YAML", () => yaml("doc_to_text: [\n"), /wrong\.yaml:\d+:\d+ — expected YAML/],
    ["Python code", () => yaml("process_docs: !function utils.f\n" + generation), /process_docs.*!function utils\.f/],
    ["sampling", () => yaml(generation + "generation_kwargs: { do_sample: true, temperature: 0.5 }\n"), /do_sample/],
    ["an unknown metric", () => yaml(generation + "metric_list: [{ metric: bleu }]\n"), /metric_list.*"bleu"/],
    [
      "an unknown filter",
      () => yaml(generation + "filter_list: [{ name: a, filter: [{ function: regexp }] }]\n"),
      /filter a.*"regexp".*\n.*"regex"/,
    ],
    [
      "a template without its column",
      () => yaml('doc_to_text: "{{ nothing }}"\ndoc_to_target: answerKey\n'),
      /wrong document 0.*'nothing' is undefined/,
    ],
    ["samples without a folder", () => ["arc_easy", "--log_samples"], /--log_samples/],
    ["a limit of 0", () => ["arc_easy", "--limit", "0"], /--limit/],
  ];
  test.each(cases)("%s", async (name, given, message) => {
    const output = `output of ${name}`;
    const more = name === "samples without a folder" ? [] : ["--output_path", output];
    const [tasks, ...options] = given();
    const { code, err, out } = await call(tasks, ...options, ...more);
    expect(err).toMatch(message);
    expect([1, 2]).toContain(code);
    expect(out).toBe("");
    expect(err).not.toMatch(/\n\s+at /);
    expect(filesOf(output)).toEqual({});
  });
});
