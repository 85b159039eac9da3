/** Calls the addon: the only place that translates named arguments into the addon's positional ones. */
import { headChunkRows } from "../head-chunk.js";
import type { DeviceBuffer, Kernels } from "../kernels.js";
import { dtypeCode, type BufferView, type CpuBuffer } from "./cpu-buffer.js";
import type { NativeAddon, NativeContext } from "./native-addon.js";

export function cpuKernels(addon: NativeAddon, context: NativeContext): Kernels {
  return {
    ...elementwise(addon, context),
    ...products(addon, context),
    ...attentions(addon, context),
    ...optimizer(addon, context),
    ...muon(addon, context),
  };
}

function view(buffer: DeviceBuffer): BufferView {
  return (buffer as CpuBuffer).view;
}

function viewOrNull(buffer: DeviceBuffer | null): BufferView | null {
  return buffer === null ? null : view(buffer);
}

/** The addon takes it after the view of a buffer that can have several dtypes. */
function code({ dtype }: DeviceBuffer): number {
  return dtypeCode[dtype];
}

function elementwise(addon: NativeAddon, context: NativeContext) {
  return {
    fill({ buffer, value }) {
      if (buffer.dtype === "f64") view(buffer).fill(value);
      else addon.fill(context, view(buffer), value, buffer.length);
    },
    copy({ out, x }) {
      addon.copy(context, view(out), code(out), view(x), code(x), x.length);
    },
    embed({ out, table, ids, N, D }) {
      addon.embed(context, view(out), view(table), code(table), view(ids), N, D);
    },
    embedBackward({ dTable, dOut, ids, N, D }) {
      addon.embedBackward(context, view(dTable), view(dOut), view(ids), N, D);
    },
    rmsNorm({ out, rstd, x, weight: w, epsilon, N, D }) {
      addon.rmsNorm(context, view(out), code(out), view(rstd), view(x), view(w), code(w), epsilon, N, D);
    },
    rmsNormBackward({ dx, dWeight, dy, x, weight: w, rstd, residual, N, D }) {
      const [dw, rest] = [viewOrNull(dWeight), viewOrNull(residual)];
      addon.rmsNormBackward(context, view(dx), dw, view(dy), view(x), view(w), code(w), view(rstd), rest, N, D);
    },
    addBias({ out, x, bias, N, O }) {
      addon.addBias(context, view(out), code(out), view(x), code(x), view(bias), code(bias), N, O);
    },
    biasGradient({ dBias, dy, N, O }) {
      addon.biasGradient(context, view(dBias), view(dy), code(dy), N, O);
    },
    rope({ out, x, positions, cosine, sine, inverse, N, heads, E }) {
      const [cosines, sines] = [view(cosine), view(sine)];
      addon.rope(
        context,
        view(out),
        code(out),
        view(x),
        code(x),
        view(positions),
        cosines,
        sines,
        inverse,
        N,
        heads,
        E,
      );
    },
    swiglu({ out, gate, up, length }) {
      addon.swiglu(context, view(out), code(out), view(gate), code(gate), view(up), code(up), length);
    },
    swigluBackward({ dGate, dUp, gated, dOut, gate, up, length }) {
      addon.swigluBackward(
        context,
        view(dGate),
        code(dGate),
        view(dUp),
        code(dUp),
        viewOrNull(gated),
        gated === null ? 0 : code(gated),
        view(dOut),
        code(dOut),
        view(gate),
        code(gate),
        view(up),
        code(up),
        length,
      );
    },
  } satisfies Partial<Kernels>;
}

function products(addon: NativeAddon, context: NativeContext) {
  return {
    matmul({ out, x, w, residual, sameX = false, N, I, O }) {
      const rest = viewOrNull(residual);
      addon.matmul(context, view(out), code(out), view(x), code(x), view(w), code(w), rest, sameX, N, I, O);
    },
    matmulInputGradient({ dx, dy, w, accumulate, N, I, O }) {
      addon.matmulInputGradient(context, view(dx), code(dx), view(dy), code(dy), view(w), code(w), accumulate, N, I, O);
    },
    matmulWeightGradient({ dw, dy, x, sameX = false, N, I, O }) {
      addon.matmulWeightGradient(context, view(dw), view(dy), code(dy), view(x), code(x), sameX, N, I, O);
    },
    gram({ out, x, ofColumns, N, I }) {
      addon.gram(context, view(out), view(x), code(x), ofColumns, N, I);
    },
    headLoss({ losses, best, dx, dw, x, w, targets, scale, N, D, V }) {
      addon.headLoss(
        context,
        view(losses),
        viewOrNull(best),
        viewOrNull(dx),
        viewOrNull(dw),
        view(x),
        code(x),
        view(w),
        code(w),
        view(targets),
        scale,
        N,
        D,
        V,
        headChunkRows(V),
      );
    },
  } satisfies Partial<Kernels>;
}

function attentions(addon: NativeAddon, context: NativeContext) {
  return {
    attention({ out, logSumExp, q, k, v, visible, shape }) {
      const { B, queries, keys, H, K, E } = shape;
      addon.attention(
        context,
        view(out),
        code(out),
        viewOrNull(logSumExp),
        view(q),
        code(q),
        view(k),
        code(k),
        view(v),
        code(v),
        view(visible.first),
        view(visible.end),
        B,
        queries,
        keys,
        H,
        K,
        E,
      );
    },
    attentionBackward({ dq, dk, dv, dOut, out, logSumExp, q, k, v, visible, shape }) {
      const { B, queries, keys, H, K, E } = shape;
      addon.attentionBackward(
        context,
        view(dq),
        view(dk),
        view(dv),
        view(dOut),
        code(dOut),
        view(out),
        code(out),
        view(logSumExp),
        view(q),
        code(q),
        view(k),
        code(k),
        view(v),
        code(v),
        view(visible.first),
        view(visible.end),
        B,
        queries,
        keys,
        H,
        K,
        E,
      );
    },
  } satisfies Partial<Kernels>;
}

function optimizer(addon: NativeAddon, context: NativeContext) {
  return {
    squaredNorm({ out, index, x }) {
      addon.squaredNorm(context, view(out), index, view(x), x.length);
    },
    adamW({ weight, gradient, m, v, ...step }) {
      addon.adamW(
        context,
        view(weight),
        view(gradient),
        view(m),
        view(v),
        step.learningRate,
        step.beta1,
        step.beta2,
        step.epsilon,
        step.weightDecay,
        step.step,
        step.gradientScale,
        weight.length,
      );
    },
  } satisfies Partial<Kernels>;
}

function muon(addon: NativeAddon, context: NativeContext) {
  return {
    momentumStep({ gradient, m, momentum, nesterov, gradientScale }) {
      addon.momentumStep(context, view(gradient), view(m), momentum, nesterov, gradientScale, m.length);
    },
    normalize({ out, x, squares, index, epsilon }) {
      addon.normalize(context, view(out), code(out), view(x), view(squares), index, epsilon, x.length);
    },
    blend({ out, x, keep, add }) {
      addon.blend(context, view(out), view(x), code(x), keep, add, out.length);
    },
    orthogonalize({ out, x, a, b, c, iterations, epsilon, blockRows, rows, columns }) {
      addon.orthogonalize(context, view(out), view(x), a, b, c, iterations, epsilon, blockRows, rows, columns);
    },
  } satisfies Partial<Kernels>;
}
