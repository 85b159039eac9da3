import { baseAndOther, checkInputs } from "../../core/check-inputs.js";
import type { MergeMethod, TensorToMerge } from "../../core/method.js";
import { areCopies, chunkReader, chunksOf, copyOf, oneGroup } from "../../core/tensor-chunks.js";
import { requireFinite } from "./finite.js";
import { gramOf } from "./gram.js";
import { sphericalShares } from "./spherical-shares.js";

export const slerp: MergeMethod = {
  name: "slerp",
  label: "SLERP",
  concept:
    "Spherical interpolation from the base to the other model: along the arc between the two tensors as flat " +
    "vectors, linear where they are almost parallel.",
  use: "Choose it for two models; t is the share of the one that is not the base, usually with a gradient over layers.",
  source: "https://en.wikipedia.org/wiki/Slerp",
  inputs: { base: "member", minimum: 1, maximum: 2 },
  croppedTo: "common",
  parameters: {
    t: {
      description: "0 is the base, 1 the other model.",
      type: "number",
      default: null,
      minimum: -Infinity,
      maximum: Infinity,
    },
  },
  inputParameters: {},
  check: (tensor) => checkInputs(slerp, tensor),
  *merge(tensor) {
    slerp.check?.(tensor);
    const { kernels, dtype, isCompatible, values } = tensor;
    const two = baseAndOther(tensor);
    if (two === null) return yield* copyOf(tensor, tensor.inputs[0]);
    if (!isCompatible) {
      if (values.t === 0 || values.t === 1) return yield* copyOf(tensor, two[values.t]);
      if (areCopies(tensor, two)) return yield* copyOf(tensor, two[0]);
    }
    const factors = sharesOf(tensor, two, values.t).map((share) => Float32Array.of(share));
    const read = chunkReader(two);
    let out: Float32Array | undefined;
    for (const chunk of chunksOf(tensor.length)) {
      const groups = oneGroup(chunk.count);
      out = kernels.groupedSum({ inputs: read(chunk), factors, groups, dtype: "f32", result: dtype }, out);
      yield out;
    }
  },
};

/** The shares of the base and of the other model, in f32 steps. */
function sharesOf(tensor: TensorToMerge, two: TensorToMerge["inputs"], t: number): [number, number] {
  const gram = gramOf(tensor, two);
  requireFinite(tensor, slerp.name, two, [gram[0], gram[3]]);
  const shares = sphericalShares([gram[0], gram[1], gram[3]], t);
  if (shares !== null) return shares;
  tensor.note("slerp acted as linear where the two models are almost parallel (|cosine| above 0.9995)");
  return [1 - t, t];
}
