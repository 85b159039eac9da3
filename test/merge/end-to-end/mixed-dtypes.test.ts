import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { describe, expect, test } from "vitest";
import type { MergeDType } from "../../../src/merge/core/merge-dtype.js";
import { decodeFloats } from "../../../src/tensor/dtype.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { placesApart } from "../averages/merge-arrays.js";
import { mergeInProcess } from "./merge-in-process.js";
import { tensorsOf, writeModel } from "./merge-runs.js";

interface Encoded {
  readonly dtype: MergeDType;
  readonly data: string;
}

interface MixedCase {
  readonly config: { readonly merge_method: string; readonly models: readonly { readonly model: string }[] };
  readonly models: Readonly<Record<string, Encoded>>;
  readonly expected: Encoded;
}

const { shape, cases } = JSON.parse(
  readFileSync(new URL("../../golden/merge/mixed-dtypes.json", import.meta.url), "utf8"),
) as { shape: readonly number[]; cases: readonly MixedCase[] };

const decode = ({ dtype, data }: Encoded) => decodeFloats(Buffer.from(data, "base64"), dtype);

describe.each([...new Set(cases.map(({ config }) => config.merge_method))])("%s", (name) => {
  const own = cases.filter(({ config }) => config.merge_method === name);
  test.each(own.map((one, i) => [i, one] as const))(
    "of models of several dtypes, as in mergekit: %i",
    async (_, given) => {
      const cwd = temporaryFolder();
      for (const [model, tensor] of Object.entries(given.models)) {
        writeModel(join(cwd, model), { w: { shape, values: decode(tensor), dtype: tensor.dtype } });
      }
      await mergeInProcess({ cwd, yaml: stringify(given.config), isCompatible: true });
      const merged = tensorsOf(join(cwd, "out")).get("w")!;
      const { dtype } = given.expected;
      expect(merged.dtype).toBe(dtype);
      const limit = name === "multislerp" ? 5e-6 : 1e-6;
      for (const [i, value] of decode(given.expected).entries()) {
        const got = merged.values[i];
        if (dtype === "f32") expect(Math.abs(got - value)).toBeLessThanOrEqual(limit * (1 + Math.abs(value)));
        else expect(placesApart(got, value, dtype)).toBeLessThanOrEqual(1);
      }
    },
  );
});
