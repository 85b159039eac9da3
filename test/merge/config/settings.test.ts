import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatModelReference, parseModelReference } from "../../../src/merge/config/model-reference.js";
import { evaluateSetting, type ParameterSetting } from "../../../src/merge/config/parameter-setting.js";
import { parseShardSize } from "../../../src/merge/config/shard-size.js";
import { parseMergeConfig } from "../../../src/merge/config/read-config.js";
import { methodTable } from "../../../src/merge/methods/table.js";

interface Case {
  readonly in: string;
  readonly expected?: number;
  readonly error?: string;
}
interface SettingCase {
  readonly tensor_name: string;
  readonly setting: unknown;
  readonly t: number;
  readonly expected?: number | string | null;
  readonly expected_error?: string;
}
interface ReferenceCase {
  readonly in: string;
  readonly path: string;
  readonly revision: string | null;
  readonly lora: string | null;
  readonly lora_revision: string | null;
  readonly str: string;
  readonly error?: string;
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../golden/merge/end-to-end.json"), "utf8")) as {
  config: {
    evaluate_setting: { cases: readonly SettingCase[] };
    model_reference: { cases: readonly ReferenceCase[] };
    parse_kmb: { cases: readonly Case[] };
  };
};
const { evaluate_setting: settings, model_reference: references, parse_kmb: sizes } = golden.config;

/** The setting as a configuration: what mergekit refuses when it evaluates, Strata refuses when it reads. */
function parsed(setting: unknown): ParameterSetting {
  const text = JSON.stringify({
    merge_method: "slerp",
    base_model: "A",
    models: [{ model: "A" }, { model: "B" }],
    parameters: { t: setting },
  });
  return parseMergeConfig(text, "merge.yml", methodTable).parameters["t"];
}

test.each(settings.cases.map((example) => [JSON.stringify(example), example] as const))("setting %s", (_, example) => {
  const isText = JSON.stringify(example.setting).startsWith('["');
  if (example.expected_error) return expect(() => parsed(example.setting)).toThrow("merge.yml:1:");
  const setting = isText ? (example.setting as ParameterSetting) : parsed(example.setting);
  expect(evaluateSetting(setting, example.tensor_name, example.t)).toBe(example.expected);
});

test.each(references.cases.map((example) => [example.in, example] as const))("model %s", (text, example) => {
  if (example.error) return expect(() => parseModelReference(text, "merge.yml")).toThrow("merge.yml");
  const reference = parseModelReference(text, "merge.yml");
  const { lora } = reference;
  expect({ ...example, in: text }).toEqual({
    in: text,
    path: reference.path,
    revision: reference.revision,
    lora: lora?.path ?? null,
    lora_revision: lora?.revision ?? null,
    str: formatModelReference(reference),
  });
});

test.each(sizes.cases.map((example) => [example.in, example] as const))("size %j", (text, example) => {
  if (example.error) expect(() => parseShardSize(text)).toThrow("--out-shard-size");
  else expect(parseShardSize(text)).toBe(example.expected);
});
