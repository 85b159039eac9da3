import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pytorchTensors } from "../../../src/merge/inputs/pytorch-file.js";
import { createFileReader } from "../../../src/merge/inputs/file-reader.js";
import { referenceMergeKernels as kernels } from "../../../src/merge/core/kernels/reference-kernels.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { mergeConfig, tensorsOf } from "./merge-runs.js";

const inputs = join(import.meta.dirname, "../../golden/merge/inputs");

async function passthrough(model: string) {
  const folder = temporaryFolder();
  const { code, err } = await mergeConfig(folder, `models:\n  - model: ${model}\nmerge_method: passthrough\n`);
  return { code, err, folder, tensors: code === 0 ? tensorsOf(join(folder, "out")) : new Map() };
}

for (const name of ["plain", "stabilized", "embedding", "transposed"]) {
  test(`BASE+ADAPTER is what PEFT's merge_and_unload gives: ${name}`, async () => {
    const folder = join(inputs, name);
    const { code, err, tensors } = await passthrough(`${folder}/model+${folder}/adapter`);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const expected = tensorsOf(join(folder, "expected"));
    const before = tensorsOf(join(folder, "model"));
    let changed = 0;
    for (const [tensor, { dtype, values }] of expected) {
      if (!tensors.has(tensor)) continue;
      expect(tensors.get(tensor).dtype).toBe(dtype);
      const got: Float32Array = tensors.get(tensor).values;
      const unit = dtype === "f32" ? 1e-6 : 2 ** -7;
      const wrong = [...values].filter(
        (value, i) => Math.abs(got[i] - value) > unit * (Math.abs(value) + (dtype === "f32" ? 1 : 0)),
      );
      expect({ tensor, wrong: wrong.length }).toEqual({ tensor, wrong: 0 });
      if (!Buffer.from(values.buffer).equals(Buffer.from(before.get(tensor)!.values.buffer))) changed++;
    }
    expect(changed).toBeGreaterThan(1);
    expect([...tensors.keys()].filter((tensor) => !expected.has(tensor))).toEqual([]);
  });
}

test("an adapter that is more than B · A is refused by the name of its setting", async () => {
  const { code, err, folder } = await passthrough(`${inputs}/plain/model+${inputs}/dora/adapter`);
  expect(code).toBe(1);
  expect(err).toMatch(/^MergeError: .*adapter_config\.json use_dora — expected an adapter without it, got true\.\n/);
  expect(readdirSync(folder)).toEqual(["merge.yml"]);
});

test("an adapter of another model is refused with the tensor", async () => {
  const { code, err } = await passthrough(`${inputs}/transposed/model+${inputs}/plain/adapter`);
  expect(code).toBe(1);
  expect(err).toContain("a tensor lm_head.weight in");
});

for (const kind of ["single", "sharded"]) {
  test(`pytorch_model.bin gives the bytes of the same model as safetensors: ${kind}`, async () => {
    const folder = temporaryFolder();
    cpSync(join(inputs, "pytorch", kind), join(folder, "model"), { recursive: true });
    const { code, err } = await mergeConfig(folder, "models:\n  - model: model\nmerge_method: passthrough\n");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [got, expected] = [tensorsOf(join(folder, "out")), tensorsOf(join(inputs, "stabilized/model"))];
    expect([...got.keys()]).toEqual([...expected.keys()].sort());
    for (const [name, { dtype, values }] of expected) {
      expect(got.get(name)!.dtype).toBe(dtype);
      expect(Buffer.from(got.get(name)!.values.buffer).equals(Buffer.from(values.buffer))).toBe(true);
    }
  });
}

test("parameters in a state_dict are tensors, and views share a storage", () => {
  const files = createFileReader();
  const parameters = pytorchTensors(join(inputs, "pytorch/parameters/pytorch_model.bin"), files);
  expect(parameters.length).toBeGreaterThan(10);
  expect(new Set(parameters.map(({ tag }) => tag))).toEqual(new Set(["F32"]));
  const views = new Map(
    pytorchTensors(join(inputs, "pytorch/views.bin"), files).map((tensor) => [tensor.name, tensor]),
  );
  expect([...views.get("a")!.read(0, 12, "f32", kernels)]).toEqual(Array.from({ length: 12 }, (_, i) => i + 6));
  expect(views.get("n")!.tag).toBe("I64");
  files.close();
});

test.each([
  ["function.bin", "the global __builtin__.print"],
  ["legacy.bin", "another format"],
  ["strided.bin", "strides [1, 6]"],
])("%s is refused: %s", (name, got) => {
  const files = createFileReader();
  expect(() => pytorchTensors(join(inputs, "pytorch", name), files)).toThrow(got);
  files.close();
});
