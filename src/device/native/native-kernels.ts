/** The kernels of the contract: every argument is checked here, then the addon computes. */
import { headChunkRows } from "../head-chunk.js";
import type { AttentionShape, DeviceBuffer, Kernels } from "../kernels.js";
import { fail, index, input, operand, operandOutput, output, sizes, visibleRanges, weight } from "./check-arguments.js";
import type { NativeAddon, NativeArgument, NativeContext } from "./native-addon.js";
import { dtypeCode, NativeBuffer } from "./native-buffer.js";

export function nativeKernels(addon: NativeAddon, context: NativeContext): Kernels {
  return {
    ...elementwise(addon, context),
    ...products(addon, context),
    ...attentions(addon, context),
    ...optimizer(addon, context),
  };
}

function orNull<T>(buffer: DeviceBuffer | null, use: (buffer: DeviceBuffer) => T): T | null {
  return buffer === null ? null : use(buffer);
}

/** A buffer of several possible dtypes as the addon takes it. */
function typed({ view, dtype }: NativeBuffer): [NativeArgument, number] {
  return [view, dtypeCode[dtype]];
}

function elementwise(addon: NativeAddon, context: NativeContext) {
  return {
    fill(buffer, value) {
      const view = output("fill", "buffer", buffer, 0, ["f32", "f64"]);
      if (buffer.dtype === "f64") view.fill(value);
      else addon.fill(context, view, value, buffer.length);
    },
    copy(out, x) {
      const to = output("copy", "out", out, x.length, x.dtype === out.dtype ? [x.dtype] : ["f32", "bf16", "f16"]);
      if (!(x instanceof NativeBuffer)) fail("copy x", "a buffer of the native device", "one of another device");
      if (x.dtype !== out.dtype) weight("copy", "x", x, x.length);
      addon.copy(context, to, dtypeCode[out.dtype], ...typed(x), x.length);
    },
    embed(out, table, ids, N, D) {
      sizes("embed", { N, D });
      const rows = weight("embed", "table", table, D);
      const numbers = index("embed", "ids", ids, N, 0, Math.floor(table.length / D));
      addon.embed(context, output("embed", "out", out, N * D), ...typed(rows), numbers, N, D);
    },
    embedBackward(dTable, dOut, ids, N, D) {
      const k = "embedBackward";
      sizes(k, { N, D });
      const numbers = index(k, "ids", ids, N, 0, Math.floor(dTable.length / D));
      addon.embedBackward(context, output(k, "dTable", dTable, D), input(k, "dOut", dOut, N * D), numbers, N, D);
    },
    rmsNorm(out, rstd, x, w, epsilon, N, D) {
      const k = "rmsNorm";
      sizes(k, { N, D });
      addon.rmsNorm(
        context,
        ...typed(operandOutput(k, "out", out, N * D)),
        output(k, "rstd", rstd, N),
        input(k, "x", x, N * D),
        ...typed(weight(k, "weight", w, D)),
        epsilon,
        N,
        D,
      );
    },
    rmsNormBackward(dx, dWeight, dy, x, w, rstd, residual, N, D) {
      const k = "rmsNormBackward";
      sizes(k, { N, D });
      addon.rmsNormBackward(
        context,
        output(k, "dx", dx, N * D),
        orNull(dWeight, (b) => output(k, "dWeight", b, D)),
        input(k, "dy", dy, N * D),
        input(k, "x", x, N * D),
        ...typed(weight(k, "weight", w, D)),
        input(k, "rstd", rstd, N),
        orNull(residual, (b) => input(k, "residual", b, N * D)),
        N,
        D,
      );
    },
    addBias(out, x, bias, N, O) {
      const k = "addBias";
      sizes(k, { N, O });
      addon.addBias(
        context,
        ...typed(operandOutput(k, "out", out, N * O)),
        ...typed(operand(k, "x", x, N * O)),
        ...typed(weight(k, "bias", bias, O)),
        N,
        O,
      );
    },
    biasGradient(dBias, dy, N, O) {
      const k = "biasGradient";
      sizes(k, { N, O });
      addon.biasGradient(context, output(k, "dBias", dBias, O), ...typed(operand(k, "dy", dy, N * O)), N, O);
    },
    rope(out, x, positions, cosine, sine, inverse, N, heads, E) {
      const k = "rope";
      sizes(k, { N, heads, "E/2": E / 2 });
      const rows = index(k, "positions", positions, N, 0, Math.floor(Math.min(cosine.length, sine.length) / (E / 2)));
      addon.rope(
        context,
        ...typed(operandOutput(k, "out", out, N * heads * E)),
        ...typed(operand(k, "x", x, N * heads * E)),
        rows,
        input(k, "cosine", cosine, E / 2),
        input(k, "sine", sine, E / 2),
        inverse,
        N,
        heads,
        E,
      );
    },
    swiglu(out, gate, up, length) {
      const k = "swiglu";
      sizes(k, { length });
      addon.swiglu(
        context,
        ...typed(operandOutput(k, "out", out, length)),
        ...typed(operand(k, "gate", gate, length)),
        ...typed(operand(k, "up", up, length)),
        length,
      );
    },
    swigluBackward(dGate, dUp, gated, dOut, gate, up, length) {
      const k = "swigluBackward";
      sizes(k, { length });
      addon.swigluBackward(
        context,
        ...typed(operandOutput(k, "dGate", dGate, length)),
        ...typed(operandOutput(k, "dUp", dUp, length)),
        ...(gated ? typed(operandOutput(k, "gated", gated, length)) : [null, 0]),
        ...typed(operand(k, "dOut", dOut, length)),
        ...typed(operand(k, "gate", gate, length)),
        ...typed(operand(k, "up", up, length)),
        length,
      );
    },
  } satisfies Partial<Kernels>;
}

function products(addon: NativeAddon, context: NativeContext) {
  return {
    matmul(out, x, w, residual, N, I, O) {
      const k = "matmul";
      sizes(k, { N, I, O });
      addon.matmul(
        context,
        ...typed(operandOutput(k, "out", out, N * O)),
        ...typed(operand(k, "x", x, N * I)),
        ...typed(weight(k, "w", w, O * I)),
        orNull(residual, (b) => input(k, "residual", b, N * O)),
        N,
        I,
        O,
      );
    },
    matmulInputGradient(dx, dy, w, accumulate, N, I, O) {
      const k = "matmulInputGradient";
      sizes(k, { N, I, O });
      const to = operandOutput(k, "dx", dx, N * I);
      if (accumulate && to.dtype !== "f32") fail(`${k} dx`, "f32 where it accumulates", to.dtype);
      addon.matmulInputGradient(
        context,
        ...typed(to),
        ...typed(operand(k, "dy", dy, N * O)),
        ...typed(weight(k, "w", w, O * I)),
        accumulate,
        N,
        I,
        O,
      );
    },
    matmulWeightGradient(dw, dy, x, N, I, O) {
      const k = "matmulWeightGradient";
      sizes(k, { N, I, O });
      addon.matmulWeightGradient(
        context,
        output(k, "dw", dw, O * I),
        ...typed(operand(k, "dy", dy, N * O)),
        ...typed(operand(k, "x", x, N * I)),
        N,
        I,
        O,
      );
    },
    headLoss(losses, best, dx, dw, x, w, targets, scale, N, D, V) {
      const k = "headLoss";
      sizes(k, { N, D, V });
      if (dw !== null && dx === null) fail(`${k} dx`, "a buffer where dw is wanted", "null");
      addon.headLoss(
        context,
        output(k, "losses", losses, N),
        orNull(best, (b) => output(k, "best", b, N, ["i32"])),
        orNull(dx, (b) => output(k, "dx", b, N * D)),
        orNull(dw, (b) => output(k, "dw", b, V * D)),
        ...typed(operand(k, "x", x, N * D)),
        ...typed(weight(k, "w", w, V * D)),
        index(k, "targets", targets, N, -(2 ** 31), V),
        scale,
        N,
        D,
        V,
        headChunkRows(V),
      );
    },
  } satisfies Partial<Kernels>;
}

function shapeOf(kernel: string, { B, queries, keys, H, K, E }: AttentionShape) {
  sizes(kernel, { B, queries, keys, H, K, E, "H/K": H / K });
  return { rows: B * queries, queryLength: B * queries * H * E, keyLength: B * keys * K * E };
}

function attentions(addon: NativeAddon, context: NativeContext) {
  return {
    attention(out, logSumExp, q, k, v, visible, shape) {
      const name = "attention";
      const { rows, queryLength, keyLength } = shapeOf(name, shape);
      const [first, end] = visibleRanges(name, visible.first, visible.end, rows, shape.keys);
      addon.attention(
        context,
        ...typed(operandOutput(name, "out", out, queryLength)),
        orNull(logSumExp, (b) => output(name, "logSumExp", b, rows * shape.H)),
        ...typed(operand(name, "q", q, queryLength)),
        ...typed(operand(name, "k", k, keyLength)),
        ...typed(operand(name, "v", v, keyLength)),
        first,
        end,
        shape.B,
        shape.queries,
        shape.keys,
        shape.H,
        shape.K,
        shape.E,
      );
    },
    attentionBackward(dq, dk, dv, dOut, out, logSumExp, q, k, v, visible, shape) {
      const name = "attentionBackward";
      const { rows, queryLength, keyLength } = shapeOf(name, shape);
      const [first, end] = visibleRanges(name, visible.first, visible.end, rows, shape.keys);
      addon.attentionBackward(
        context,
        output(name, "dq", dq, queryLength),
        output(name, "dk", dk, keyLength),
        output(name, "dv", dv, keyLength),
        ...typed(operand(name, "dOut", dOut, queryLength)),
        ...typed(operand(name, "out", out, queryLength)),
        input(name, "logSumExp", logSumExp, rows * shape.H),
        ...typed(operand(name, "q", q, queryLength)),
        ...typed(operand(name, "k", k, keyLength)),
        ...typed(operand(name, "v", v, keyLength)),
        first,
        end,
        shape.B,
        shape.queries,
        shape.keys,
        shape.H,
        shape.K,
        shape.E,
      );
    },
  } satisfies Partial<Kernels>;
}

function optimizer(addon: NativeAddon, context: NativeContext) {
  return {
    squaredNorm(out, at, x) {
      const k = "squaredNorm";
      if (!(Number.isSafeInteger(at) && at >= 0)) fail(`${k} index`, "an index of out", String(at));
      addon.squaredNorm(context, output(k, "out", out, at + 1, ["f64"]), at, input(k, "x", x, 1), x.length);
    },
    adamW(w, gradient, m, v, step) {
      const k = "adamW";
      sizes(k, { step: step.step });
      const { length } = w;
      for (const other of [gradient, m, v])
        if (other.length !== length) fail(k, `buffers of ${length} elements`, `one of ${other.length}`);
      addon.adamW(
        context,
        output(k, "weight", w, length),
        output(k, "gradient", gradient, length),
        output(k, "m", m, length),
        output(k, "v", v, length),
        step.learningRate,
        step.beta1,
        step.beta2,
        step.epsilon,
        step.weightDecay,
        step.step,
        step.gradientScale,
        length,
      );
    },
  } satisfies Partial<Kernels>;
}
