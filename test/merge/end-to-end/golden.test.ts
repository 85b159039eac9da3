import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.js";
import { endToEnd, mergeConfig, tensorsOf, writeGoldenModels, type EndToEndCase } from "./merge-runs.js";

const models = temporaryFolder();
writeGoldenModels(models);

/** Each case in a folder with links to the models. */
function workFolder(): string {
  const folder = temporaryFolder();
  for (const name of readdirSync(models)) linkFolder(join(models, name), join(folder, name));
  return folder;
}

function linkFolder(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) linkSync(join(from, name), join(to, name));
}

/** Cases in which Strata refuses or differs without the flag. */
const needsCompatibility = new Set(["model_stock_windows"]);

for (const example of endToEnd.cases) {
  const flags = needsCompatibility.has(example.id) ? ["--mergekit-compat"] : [];
  test(`${example.id} gives what mergekit gives`, async () => {
    const folder = workFolder();
    const { code, err } = await mergeConfig(folder, example.config_yaml, [...example.cli_args, ...flags]);
    if (example.expected_error) {
      expect(code).toBe(1);
      expect(err).toMatch(/^MergeError: .* — expected .*, got .*\.\n {2}.+\n$/s);
      expect(err).not.toMatch(/\n\s+at /);
      expect(readdirSync(folder).filter((name) => name.startsWith("out"))).toEqual([]);
      return;
    }
    expect({ code, err }).toEqual({ code: 0, err: "" });
    checkTensors(join(folder, "out"), example);
    checkFiles(join(folder, "out"), example);
  });
}

function checkTensors(out: string, example: EndToEndCase): void {
  const { expected_tensors: expected = {}, expected_shapes: shapes = {}, abs_tol: tolerance = 1e-6 } = example;
  const tensors = tensorsOf(out);
  expect([...tensors.keys()]).toEqual(example.output_tensor_names);
  const dtypes = [
    ...new Set(
      [...tensors.values()].map(({ dtype }) => ({ f32: "float32", bf16: "bfloat16", f16: "float16" })[dtype as "f32"]),
    ),
  ];
  expect(dtypes).toEqual(example.output_dtype);
  expect(Object.keys(expected).length).toBeGreaterThan(0);
  for (const [name, values] of Object.entries(expected)) {
    const tensor = tensors.get(name)!;
    if (shapes[name]) expect(tensor.shape).toEqual(shapes[name]);
    expect(tensor.values.length).toBe(values.length);
    const wrong = values.filter(
      (value, i) => !(Math.abs(tensor.values[i] - value) <= tolerance + tolerance * Math.abs(value)),
    );
    expect({ name, wrong: wrong.length }).toEqual({ name, wrong: 0 });
  }
}

function checkFiles(out: string, example: EndToEndCase): void {
  expect(readdirSync(out).sort()).toEqual([...(example.output_files ?? []), "merge.json"].sort());
  expect(readFileSync(join(out, "mergekit_config.yml"), "utf8")).toBe(example.config_yaml);
  expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8"))).toEqual(example.output_config);
  if (example.index_json) {
    const { weight_map, metadata } = JSON.parse(readFileSync(join(out, "model.safetensors.index.json"), "utf8"));
    expect(weight_map).toEqual(example.index_json.weight_map);
    expect(metadata.total_size).toBe(example.index_json.metadata.total_size);
  } else expect(existsSync(join(out, "model.safetensors.index.json"))).toBe(false);
  const { readme_structure: card } = example;
  if (card === undefined) return;
  const text = readFileSync(join(out, "README.md"), "utf8");
  const [, front, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text)!;
  expect([...front.matchAll(/^(\w+):/gm)].map(([, key]) => key)).toEqual(card.front_matter_keys_in_order);
  expect([...front.matchAll(/^- (\w+)$/gm)].map(([, tag]) => tag)).toEqual(card.front_matter_tags);
  expect(body.split("```")[0].match(/^#+ .*$/gm)).toEqual(card.headings.map((line) => line.replace(/^# .*/, "# out")));
  expect(body).toContain(card.method_link);
  expect(body.includes(" as a base.")).toBe(card.mentions_base_model);
  expect(body.match(/^\* .*$/gm)).toEqual(card.bullets_any_order);
  expect(body).toContain(`\`\`\`yaml\n${example.config_yaml}\n\`\`\``);
}
