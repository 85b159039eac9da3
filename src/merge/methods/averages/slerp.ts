import { baseAndOther, checkInputs } from "../../core/check-inputs.js";
import type { MergeMethod, TensorToMerge } from "../../core/method.js";
import { areCopies, chunkReader, chunksOf, copyOf, oneGroup } from "../../core/tensor-chunks.js";
import { requireFinite } from "./finite.js";
import { gramOf } from "./gram.js";

/** Above this |cosine| the interpolation is linear. */
const colinear = 0.9995;
/** A vector with at most this norm is not normalized. */
const smallestNorm = 1e-8;

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
  const norm = (squared: number) => (Math.sqrt(squared) > smallestNorm ? Math.sqrt(squared) : 1);
  const cosine = Math.fround(gram[1] / (norm(gram[0]) * norm(gram[3])));
  if (Math.abs(cosine) > colinear) {
    tensor.note("slerp acted as linear where the two models are almost parallel (|cosine| above 0.9995)");
    return [1 - t, t];
  }
  const angle = Math.fround(Math.acos(cosine));
  const sine = Math.fround(Math.sin(angle));
  const part = Math.fround(angle * Math.fround(t));
  return [Math.fround(Math.sin(Math.fround(angle - part))) / sine, Math.fround(Math.sin(part)) / sine];
}
