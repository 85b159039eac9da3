import { expect, test } from "vitest";
import { parseMergeConfig } from "../../../src/merge/config/read-config.js";
import { methodTable } from "../../../src/merge/methods/table.js";

const read = (text: string) => parseMergeConfig(text, "merge.yml", methodTable);

const start = "merge_method: linear\nmodels:\n  - model: A\n";

test.each([
  [
    "merge_metod: linear\n",
    'merge.yml:1:14 merge_metod — expected a known key of a merge configuration, got "merge_metod".\n  Did ' +
      'you mean "merge_method"?',
  ],
  ["models: [{model: A}]\n", "merge.yml:1:1 — expected merge_method, got nothing."],
  [
    "merge_method: slerpp\nmodels: [{model: A}]\n",
    'merge.yml:1:15 merge_method — expected a merge method, got "slerpp".\n  Did you mean "slerp"?',
  ],
  ["merge_method: linear\n", "merge.yml:1:1 — expected exactly one of models, slices and modules, got none of them."],
  [`${start}slices: []\n`, "got models and slices"],
  [`${start}dtype: float64\n`, 'merge.yml:4:8 dtype — expected float32, bfloat16 or float16, got "float64"'],
  [`${start}dtype: int64\n`, "Weights are merged as floating-point numbers"],
  [`${start}out_dtype: bf16\n`, 'merge.yml:4:12 out_dtype — expected float32, bfloat16 or float16, got "bf16"'],
  [
    `${start}    parameters: {weigth: 1}\n`,
    'merge.yml:4:26 models[0].parameters.weigth — expected a parameter of linear, got "weigth".\n  Did you ' +
      'mean "weight"?',
  ],
  [
    `${start}    parameters: {weight: high}\n`,
    'models[0].parameters.weight — expected a number for weight, got "high"',
  ],
  [
    `${start}    parameters: {weight: [1, b]}\n`,
    'models[0].parameters.weight[1] — expected a number for weight, got "b"',
  ],
  [
    `${start}    parameters: {weight: []}\n`,
    "expected a gradient of weight with at least one value, got an empty list",
  ],
  [
    `${start}    parameters: {weight: {filter: mlp, value: 1}}\n`,
    "got one condition outside a list.\n  Put the condition into a list",
  ],
  [`${start}    parameters: {weight: [{filtr: mlp, value: 1}]}\n`, 'Did you mean "filter"?'],
  [`${start}    layer_range: [0, 2]\n`, "models[0].layer_range — expected a known key of a model of the merge"],
  [
    "merge_method: linear\nmodels:\n  - A\n",
    'merge.yml:3:5 models[0] — expected a model of the merge as a mapping of keys, got "A"',
  ],
  ["merge_method: linear\nmodels: []\n", "merge.yml:2:9 models — expected a list of models, got an empty list"],
  ["merge_method: linear\nmodels:\n  - model: 3\n", "models[0].model — expected a model, got 3"],
  [
    "merge_method: passthrough\nslices:\n  - sources:\n      - {model: A, layer_range: [2, 1]}\n",
    "expected layer_range [from, to] with 0 ≤ from < to, got [2,1]",
  ],
  [`${start}tokenizer_source: union\ntokenizer: {source: base}\n`, "expected tokenizer_source or tokenizer, got both"],
  ["merge_method: linear\nmodels: [{model: A}\n", "merge.yml:"],
  [`${start}---\n${start}`, "merge.yml:1:1 — expected one document without a name, got 2"],
  ["", "merge.yml:1:1 — expected a merge configuration as a mapping of keys, got null"],
])("%j is refused", (text, message) => {
  expect(() => read(text)).toThrow(message);
});

test("values that the method does not use are left out with a note", () => {
  const { notes, modules, parameters } = read(
    "merge_method: slerp\nbase_model: A\nmodels:\n  - model: A\n  - model: B\n    parameters: {t: " +
      "0.9}\nparameters: {t: 0.1, normalize: no}\n",
  );
  expect(notes).toEqual([
    "t is a parameter of the whole merge: the value of one model (merge.yml:6:21 models[1].parameters.t) is ignored",
    "slerp has no parameter normalize: it is ignored (merge.yml:7:33 parameters.normalize)",
  ]);
  expect(modules[0].slices[0].sources[1].parameters).toEqual({});
  expect(parameters).toEqual({ t: 0.1 });
});

test("JSON is YAML, booleans are numbers, and dtypes may have torch's prefix", () => {
  const { dtype, parameters } = read(
    '{"merge_method": "linear", "models": [{"model": "A"}], "dtype": "torch.bfloat16", "parameters": ' +
      '{"normalize": false, "weight": "0.5"}}',
  );
  expect({ dtype, parameters }).toEqual({ dtype: "bf16", parameters: { normalize: 0, weight: 0.5 } });
});
