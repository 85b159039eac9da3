/** Argument checks for the kernels of any device. */
import { maxBlockRows } from "./block-rows.js";
import { fail, sizes, weights, type ArgumentChecks } from "./check-arguments.js";
import type { AttentionArguments, AttentionBackwardArguments, Kernels } from "./kernels.js";

type Checks = {
  readonly [Name in keyof Kernels]: (check: ArgumentChecks, named: Parameters<Kernels[Name]>[0]) => void;
};

/** Each kernel checks its arguments, then calls the raw kernel. Errors name the kernel and the argument. */
export function checkedKernels(raw: Kernels, check: ArgumentChecks): Kernels {
  const checked = Object.entries(checks).map(([name, checkNamed]) => {
    const kernel = raw[name as keyof Kernels] as (named: unknown) => void;
    const run = (named: unknown) => {
      (checkNamed as (check: ArgumentChecks, named: unknown) => void)(check, named);
      kernel(named);
    };
    return [name, run];
  });
  return Object.fromEntries(checked) as Kernels;
}

type Group<Name extends keyof Kernels> = Pick<Checks, Name>;

const elementwise: Group<"fill" | "copy" | "embed" | "embedBackward" | "addBias" | "biasGradient" | "rope"> = {
  fill(check, { buffer }) {
    check.output("fill", "buffer", buffer, 0, ["f32", "f64"]);
  },
  copy(check, { out, x }) {
    check.owned("copy", "x", x);
    const same = x.dtype === out.dtype;
    check.output("copy", "out", out, x.length, same ? [x.dtype] : weights);
    if (!same) check.input("copy", "x", x, x.length, weights);
  },
  embed(check, { out, table, ids, N, D }) {
    sizes("embed", { N, D });
    check.input("embed", "table", table, D, weights);
    check.index("embed", "ids", ids, N, 0, Math.floor(table.length / D));
    check.output("embed", "out", out, N * D);
  },
  embedBackward(check, { dTable, dOut, ids, N, D }) {
    sizes("embedBackward", { N, D });
    check.index("embedBackward", "ids", ids, N, 0, Math.floor(dTable.length / D));
    check.output("embedBackward", "dTable", dTable, D);
    check.input("embedBackward", "dOut", dOut, N * D);
  },
  addBias(check, { out, x, bias, N, O }) {
    sizes("addBias", { N, O });
    check.output("addBias", "out", out, N * O, check.operands);
    check.input("addBias", "x", x, N * O, check.operands);
    check.input("addBias", "bias", bias, O, weights);
  },
  biasGradient(check, { dBias, dy, N, O }) {
    sizes("biasGradient", { N, O });
    check.output("biasGradient", "dBias", dBias, O);
    check.input("biasGradient", "dy", dy, N * O, check.operands);
  },
  rope(check, { out, x, positions, cosine, sine, N, heads, E }) {
    sizes("rope", { N, heads, "E/2": E / 2 });
    check.index("rope", "positions", positions, N, 0, Math.floor(Math.min(cosine.length, sine.length) / (E / 2)));
    check.output("rope", "out", out, N * heads * E, check.operands);
    check.input("rope", "x", x, N * heads * E, check.operands);
    check.input("rope", "cosine", cosine, E / 2);
    check.input("rope", "sine", sine, E / 2);
  },
};

const norms: Group<"rmsNorm" | "rmsNormBackward"> = {
  rmsNorm(check, { out, rstd, x, weight, N, D }) {
    sizes("rmsNorm", { N, D });
    check.output("rmsNorm", "out", out, N * D, check.operands);
    check.output("rmsNorm", "rstd", rstd, N);
    check.input("rmsNorm", "x", x, N * D);
    check.input("rmsNorm", "weight", weight, D, weights);
  },
  rmsNormBackward(check, { dx, dWeight, dy, x, weight, rstd, residual, N, D }) {
    const kernel = "rmsNormBackward";
    sizes(kernel, { N, D });
    check.output(kernel, "dx", dx, N * D);
    check.outputOrNull(kernel, "dWeight", dWeight, D);
    check.input(kernel, "dy", dy, N * D);
    check.input(kernel, "x", x, N * D);
    check.input(kernel, "weight", weight, D, weights);
    check.input(kernel, "rstd", rstd, N);
    check.inputOrNull(kernel, "residual", residual, N * D);
  },
};

const products: Group<"matmul" | "matmulInputGradient" | "matmulWeightGradient" | "gram"> = {
  matmul(check, { out, x, w, residual, sameX, N, I, O }) {
    sizes("matmul", { N, I, O });
    check.output("matmul", "out", out, N * O, check.operands);
    check.input("matmul", "x", x, N * I, check.operands);
    check.input("matmul", "w", w, O * I, weights);
    check.inputOrNull("matmul", "residual", residual, N * O);
    check.sameX("matmul", sameX, x, N, I);
  },
  matmulInputGradient(check, { dx, dy, w, accumulate, N, I, O }) {
    const kernel = "matmulInputGradient";
    sizes(kernel, { N, I, O });
    check.output(kernel, "dx", dx, N * I, check.operands);
    if (accumulate && dx.dtype !== "f32") fail(`${kernel} dx`, "f32 when accumulating", dx.dtype);
    check.input(kernel, "dy", dy, N * O, check.operands);
    check.input(kernel, "w", w, O * I, weights);
  },
  matmulWeightGradient(check, { dw, dy, x, sameX, N, I, O }) {
    const kernel = "matmulWeightGradient";
    sizes(kernel, { N, I, O });
    check.output(kernel, "dw", dw, O * I);
    check.input(kernel, "dy", dy, N * O, check.operands);
    check.input(kernel, "x", x, N * I, check.operands);
    check.sameX(kernel, sameX, x, N, I);
  },
  gram(check, { out, x, ofColumns, N, I }) {
    sizes("gram", { N, I });
    check.output("gram", "out", out, (ofColumns ? I : N) ** 2);
    check.input("gram", "x", x, N * I, check.operands);
  },
};

/** Checks the inputs that forward and backward share; returns the sizes that their other checks need. */
function attentionInputs(
  check: ArgumentChecks,
  kernel: string,
  { q, k, v, visible, shape }: AttentionArguments | AttentionBackwardArguments,
): { rows: number; queryLength: number; keyLength: number } {
  const { B, queries, keys, H, K, E } = shape;
  sizes(kernel, { B, queries, keys, H, K, E, "H/K": H / K });
  const [rows, queryLength, keyLength] = [B * queries, B * queries * H * E, B * keys * K * E];
  check.visibleRanges(kernel, visible.first, visible.end, rows, keys);
  check.input(kernel, "q", q, queryLength, check.operands);
  check.input(kernel, "k", k, keyLength, check.operands);
  check.input(kernel, "v", v, keyLength, check.operands);
  return { rows, queryLength, keyLength };
}

const attentions: Group<"attention" | "attentionBackward"> = {
  attention(check, named) {
    const { rows, queryLength } = attentionInputs(check, "attention", named);
    check.output("attention", "out", named.out, queryLength, check.operands);
    check.outputOrNull("attention", "logSumExp", named.logSumExp, rows * named.shape.H);
  },
  attentionBackward(check, named) {
    const kernel = "attentionBackward";
    const { rows, queryLength, keyLength } = attentionInputs(check, kernel, named);
    check.output(kernel, "dq", named.dq, queryLength);
    check.output(kernel, "dk", named.dk, keyLength);
    check.output(kernel, "dv", named.dv, keyLength);
    check.input(kernel, "dOut", named.dOut, queryLength, check.operands);
    check.input(kernel, "out", named.out, queryLength, check.operands);
    check.input(kernel, "logSumExp", named.logSumExp, rows * named.shape.H);
  },
};

const feedForward: Group<"swiglu" | "swigluBackward"> = {
  swiglu(check, { out, gate, up, length }) {
    sizes("swiglu", { length });
    check.output("swiglu", "out", out, length, check.operands);
    check.input("swiglu", "gate", gate, length, check.operands);
    check.input("swiglu", "up", up, length, check.operands);
  },
  swigluBackward(check, { dGate, dUp, gated, dOut, gate, up, length }) {
    const kernel = "swigluBackward";
    sizes(kernel, { length });
    check.output(kernel, "dGate", dGate, length, check.operands);
    check.output(kernel, "dUp", dUp, length, check.operands);
    check.outputOrNull(kernel, "gated", gated, length, check.operands);
    check.input(kernel, "dOut", dOut, length, check.operands);
    check.input(kernel, "gate", gate, length, check.operands);
    check.input(kernel, "up", up, length, check.operands);
  },
};

const lossAndOptimizer: Group<"headLoss" | "squaredNorm" | "adamW"> = {
  headLoss(check, { losses, best, dx, dw, x, w, targets, N, D, V }) {
    const kernel = "headLoss";
    sizes(kernel, { N, D, V });
    if (dw !== null && dx === null) fail(`${kernel} dx`, "a buffer when dw is given", "null");
    check.output(kernel, "losses", losses, N);
    check.outputOrNull(kernel, "best", best, N, ["i32"]);
    check.outputOrNull(kernel, "dx", dx, N * D);
    check.outputOrNull(kernel, "dw", dw, V * D);
    check.input(kernel, "x", x, N * D, check.operands);
    check.input(kernel, "w", w, V * D, weights);
    check.index(kernel, "targets", targets, N, -(2 ** 31), V);
  },
  squaredNorm(check, { out, index, x }) {
    if (!(Number.isSafeInteger(index) && index >= 0)) fail("squaredNorm index", "an index of out", String(index));
    check.output("squaredNorm", "out", out, index + 1, ["f64"]);
    check.input("squaredNorm", "x", x, 1);
  },
  adamW(check, { weight, gradient, m, v, step }) {
    sizes("adamW", { step });
    for (const [name, buffer] of Object.entries({ weight, gradient, m, v })) {
      check.output("adamW", name, buffer, weight.length);
      if (buffer.length !== weight.length)
        fail(`adamW ${name}`, `buffers of ${weight.length} elements`, `one of ${buffer.length}`);
    }
  },
};

const muon: Group<"momentumStep" | "normalize" | "blend" | "orthogonalize"> = {
  momentumStep(check, { gradient, m }) {
    check.output("momentumStep", "gradient", gradient, m.length);
    check.output("momentumStep", "m", m, gradient.length);
  },
  normalize(check, { out, x, squares, index }) {
    if (!(Number.isSafeInteger(index) && index >= 0)) fail("normalize index", "an index of squares", String(index));
    check.input("normalize", "x", x, out.length);
    check.output("normalize", "out", out, x.length, check.operands);
    check.input("normalize", "squares", squares, index + 1, ["f64"]);
  },
  blend(check, { out, x }) {
    check.output("blend", "out", out, x.length);
    check.input("blend", "x", x, out.length, check.operands);
  },
  orthogonalize(check, { out, x, blockRows, iterations, rows, columns }) {
    sizes("orthogonalize", { blockRows, iterations, rows, columns });
    if (blockRows > maxBlockRows) fail("orthogonalize blockRows", `at most ${maxBlockRows}`, String(blockRows));
    check.output("orthogonalize", "out", out, rows * columns);
    check.input("orthogonalize", "x", x, rows * columns);
  },
};

const checks: Checks = {
  ...elementwise,
  ...norms,
  ...products,
  ...attentions,
  ...feedForward,
  ...lossAndOptimizer,
  ...muon,
};
