/** Calls of every kernel with seeded data: the same calls for every device. */
import type { AttentionShape } from "../../src/device/kernels.js";
import { decodeFloats, encodeFloats, type DType } from "../../src/tensor/dtype.js";
import { randomInteger, randomKey } from "../../src/tensor/random.js";
import { integers, normal, zeros, type KernelCase, type Tensor, type Tensors } from "./case-tensors.js";
import { optimizerCases, orthogonalizeCase } from "./optimizer-cases.js";

const sizes = [1, 3, 33, 65];
const weightDtypes: readonly DType[] = ["f32", "bf16", "f16"];
const pairs = sizes.flatMap((a) => sizes.map((b) => [a, b] as const));

function matmulCases(): KernelCase[] {
  const shapes = pairs.flatMap(([N, I]) => sizes.map((O) => [N, I, O] as const));
  return [...shapes, [130, 401, 270] as const, [7, 500, 301] as const].flatMap(([N, I, O], number) => {
    const dtype = weightDtypes[number % 3];
    const tensors = {
      x: normal("x", N * I),
      w: normal("w", O * I, dtype),
      dy: normal("dy", N * O),
      y: normal("residual", N * O),
      plain: zeros(N * O),
      dx: normal("dx", N * I),
      dw: normal("dw", O * I),
    };
    return [
      {
        name: `matmul, input and weight gradient ${N}×${I}×${O} ${dtype}`,
        tensors,
        call(k, b) {
          k.matmul({ out: b.plain, x: b.x, w: b.w, residual: null, N, I, O });
          k.matmul({ out: b.y, x: b.x, w: b.w, residual: b.y, N, I, O });
          k.matmulInputGradient({ dx: b.dx, dy: b.dy, w: b.w, accumulate: number % 2 === 0, N, I, O });
          k.matmulWeightGradient({ dw: b.dw, dy: b.dy, x: b.x, N, I, O });
        },
      },
    ];
  });
}

function gramCase(N: number, I: number): KernelCase {
  return {
    name: `gram ${N}×${I}`,
    tensors: { x: normal("x", N * I), ofRows: normal("ofRows", N * N), ofColumns: normal("ofColumns", I * I) },
    call(k, b) {
      k.gram({ out: b.ofRows, x: b.x, ofColumns: false, N, I });
      k.gram({ out: b.ofColumns, x: b.x, ofColumns: true, N, I });
    },
  };
}

function rowCases(N: number, D: number, dtype: DType): KernelCase[] {
  return [
    {
      name: `embed and its gradient ${N}×${D} ${dtype}`,
      tensors: {
        out: zeros(N * D),
        table: normal("table", 5 * D, dtype),
        ids: integers("ids", N, 0, 5),
        dTable: normal("dTable", 5 * D),
        dOut: normal("dOut", N * D),
      },
      call(k, b) {
        k.embed({ out: b.out, table: b.table, ids: b.ids, N, D });
        k.embedBackward({ dTable: b.dTable, dOut: b.dOut, ids: b.ids, N, D });
      },
    },
    {
      name: `bias and its gradient ${N}×${D} ${dtype}`,
      tensors: {
        out: zeros(N * D),
        x: normal("x", N * D),
        inPlace: normal("y", N * D),
        bias: normal("bias", D, dtype),
        dBias: normal("dBias", D),
        dy: normal("dy", N * D),
      },
      call(k, b) {
        k.addBias({ out: b.out, x: b.x, bias: b.bias, N, O: D });
        k.addBias({ out: b.inPlace, x: b.inPlace, bias: b.bias, N, O: D });
        k.biasGradient({ dBias: b.dBias, dy: b.dy, N, O: D });
      },
    },
    {
      name: `rmsNorm and its gradient ${N}×${D} ${dtype}`,
      tensors: {
        out: zeros(N * D),
        rstd: zeros(N),
        x: normal("x", N * D),
        weight: normal("weight", D, dtype),
        dx: zeros(N * D),
        dWeight: normal("dWeight", D),
        dy: normal("dy", N * D),
        residual: normal("residual", N * D),
      },
      call(k, b) {
        // A large epsilon: with D = 1 and a small one dx is the difference of two nearly equal numbers.
        k.rmsNorm({ out: b.out, rstd: b.rstd, x: b.x, weight: b.weight, epsilon: 0.1, N, D });
        k.rmsNormBackward({
          dx: b.dx,
          dWeight: b.dWeight,
          dy: b.dy,
          x: b.x,
          weight: b.weight,
          rstd: b.rstd,
          residual: null,
          N,
          D,
        });
        k.rmsNormBackward({
          dx: b.residual,
          dWeight: null,
          dy: b.dy,
          x: b.x,
          weight: b.weight,
          rstd: b.rstd,
          residual: b.residual,
          N,
          D,
        });
      },
    },
  ];
}

function elementCases(length: number): KernelCase[] {
  return [
    {
      name: `swiglu and its gradient ${length}`,
      tensors: {
        out: zeros(length),
        gate: normal("gate", length, "f32", 20),
        up: normal("up", length),
        dOut: normal("dOut", length),
        dGate: zeros(length),
        dUp: zeros(length),
        gated: zeros(length),
      },
      call(k, b) {
        k.swiglu({ out: b.out, gate: b.gate, up: b.up, length });
        k.swigluBackward({ dGate: b.dGate, dUp: b.dUp, gated: b.gated, dOut: b.dOut, gate: b.gate, up: b.up, length });
      },
    },
    {
      name: `copy between dtypes ${length}`,
      tensors: {
        x: normal("x", length, "f32", 3),
        bf16: zeros(length, "bf16"),
        f16: zeros(length, "f16"),
        back: zeros(length),
        half: zeros(length),
        bf16FromF16: zeros(length, "bf16"),
      },
      call(k, b) {
        k.copy({ out: b.bf16, x: b.x });
        k.copy({ out: b.f16, x: b.x });
        k.copy({ out: b.back, x: b.bf16 });
        k.copy({ out: b.half, x: b.f16 });
        k.copy({ out: b.bf16FromF16, x: b.f16 });
      },
    },
  ];
}

function ropeCase(N: number, heads: number, E: number): KernelCase {
  const angles = normal("angles", 70 * (E / 2)).data;
  return {
    name: `rope ${N} rows, ${heads} heads of ${E}`,
    tensors: {
      x: normal("x", N * heads * E),
      y: normal("y", N * heads * E),
      positions: integers("positions", N, 0, 70),
      cosine: { dtype: "f32", data: angles.map(Math.cos) },
      sine: { dtype: "f32", data: angles.map(Math.sin) },
    },
    call(k, b) {
      k.rope({ out: b.x, x: b.x, positions: b.positions, cosine: b.cosine, sine: b.sine, inverse: false, N, heads, E });
      k.rope({ out: b.y, x: b.y, positions: b.positions, cosine: b.cosine, sine: b.sine, inverse: true, N, heads, E });
    },
  };
}

type KeyRanges = readonly [first: Int32Array, end: Int32Array];

/** Rows are the last positions of the keys; each attends from the start of its document to itself. */
function documents({ B, queries, keys }: AttentionShape, length: number): KeyRanges {
  const end = Int32Array.from({ length: B * queries }, (_, n) => keys - queries + (n % queries) + 1);
  return [end.map((value) => Math.floor((value - 1) / length) * length), end];
}

/** Each row attends to an arbitrary range of keys. */
function anyRanges({ B, queries, keys }: AttentionShape): KeyRanges {
  const first = integers("first", B * queries, 0, keys).data as Int32Array;
  const key = randomKey(7, "count");
  return [first, first.map((from, n) => from + 1 + randomInteger(key, n, keys - from))];
}

export function attentionCase(shape: AttentionShape, [first, end]: KeyRanges = documents(shape, 20)): KernelCase {
  const { B, queries, keys, H, K, E } = shape;
  const N = B * queries;
  const query = (name: string) => normal(name, N * H * E);
  const key = (name: string) => normal(name, B * keys * K * E);
  return {
    name: `attention and its gradient B=${B} queries=${queries} keys=${keys} H=${H} K=${K} E=${E}`,
    tensors: {
      out: query("out"),
      logSumExp: zeros(N * H),
      q: query("q"),
      k: key("k"),
      v: key("v"),
      dOut: query("dOut"),
      dq: query("dq"),
      dk: key("dk"),
      dv: key("dv"),
      first: { dtype: "i32", data: first },
      end: { dtype: "i32", data: end },
    },
    call(kernels, b) {
      const visible = { first: b.first, end: b.end };
      kernels.attention({ out: b.out, logSumExp: b.logSumExp, q: b.q, k: b.k, v: b.v, visible, shape });
      kernels.attentionBackward({
        dq: b.dq,
        dk: b.dk,
        dv: b.dv,
        dOut: b.dOut,
        out: b.out,
        logSumExp: b.logSumExp,
        q: b.q,
        k: b.k,
        v: b.v,
        visible,
        shape,
      });
    },
  };
}

/** Several blocks of rows and of keys; documents that hide whole blocks; ranges that are not causal; generation. */
function largeAttentionCases(): readonly KernelCase[] {
  const square = { B: 1, queries: 300, keys: 300, H: 4, K: 2, E: 64 };
  const wide = { B: 2, queries: 70, keys: 241, H: 2, K: 1, E: 128 };
  const several = { B: 1, queries: 60, keys: 260, H: 6, K: 2, E: 33 };
  const alone = { B: 2, queries: 150, keys: 150, H: 1, K: 1, E: 16 };
  return [
    attentionCase(square, documents(square, 300)),
    attentionCase(square, documents(square, 130)),
    attentionCase(square),
    attentionCase(wide, documents(wide, 100)),
    attentionCase(wide, anyRanges(wide)),
    attentionCase(several, anyRanges(several)),
    attentionCase(alone, documents(alone, 70)),
    ...[
      { B: 8, queries: 1, keys: 90, H: 8, K: 2, E: 64 },
      { B: 1, queries: 2, keys: 333, H: 5, K: 1, E: 33 },
      { B: 2, queries: 3, keys: 70, H: 3, K: 3, E: 1 },
      { B: 1, queries: 1, keys: 300, H: 2, K: 1, E: 128 },
      { B: 1, queries: 2, keys: 200, H: 8, K: 2, E: 65 },
    ].map((few) => attentionCase(few, documents(few, 1000))),
  ];
}

export function headCase(N: number, D: number, V: number, dtype: DType): KernelCase {
  return {
    name: `headLoss ${N}×${D}×${V} ${dtype}`,
    tensors: {
      losses: zeros(N),
      best: zeros(N, "i32"),
      dx: normal("dx", N * D),
      dw: normal("dw", V * D),
      x: normal("x", N * D),
      // Small weights: with large logits softmax − 1 is the difference of two nearly equal numbers.
      w: normal("w", V * D, dtype, 0.2),
      targets: integers("targets", N, -1, V),
      onlyLosses: zeros(N),
      frozen: zeros(N * D),
    },
    call(k, b) {
      k.headLoss({
        losses: b.losses,
        best: b.best,
        dx: b.dx,
        dw: b.dw,
        x: b.x,
        w: b.w,
        targets: b.targets,
        scale: 0.5,
        N,
        D,
        V,
      });
      k.headLoss({
        losses: b.onlyLosses,
        best: null,
        dx: null,
        dw: null,
        x: b.x,
        w: b.w,
        targets: b.targets,
        scale: 1,
        N,
        D,
        V,
      });
      k.headLoss({
        losses: b.onlyLosses,
        best: null,
        dx: b.frozen,
        dw: null,
        x: b.x,
        w: b.w,
        targets: b.targets,
        scale: 2,
        N,
        D,
        V,
      });
    },
  };
}

/** Blocks with a rest, with more rows than columns, of one row, and of one column. */
const blocks = [
  [33, 65, 8],
  [65, 33, 64],
  [7, 3, 7],
  [5, 1, 2],
  [3, 130, 1],
  [64, 64, 64],
] as const;

let created: readonly KernelCase[] | null = null;

/** The same cases for all callers: drawing their numbers takes longer than many a device needs for them. */
export function kernelCases(): readonly KernelCase[] {
  created ??= createCases();
  return created;
}

function createCases(): readonly KernelCase[] {
  return [
    ...matmulCases(),
    ...[...pairs, [130, 401] as const, [300, 7] as const].map(([N, I]) => gramCase(N, I)),
    ...pairs.flatMap(([N, D], number) => rowCases(N, D, weightDtypes[number % 3])),
    ...[...sizes, 20_001].flatMap(elementCases),
    ...[...sizes, 20_001].flatMap(optimizerCases),
    ...blocks.map(([rows, columns, blockRows]) => orthogonalizeCase(rows, columns, blockRows)),
    ropeCase(1, 1, 2),
    ropeCase(33, 3, 6),
    ropeCase(65, 2, 64),
    attentionCase({ B: 1, queries: 1, keys: 1, H: 1, K: 1, E: 1 }),
    attentionCase({ B: 3, queries: 3, keys: 33, H: 3, K: 1, E: 33 }),
    attentionCase({ B: 2, queries: 33, keys: 33, H: 4, K: 2, E: 3 }),
    attentionCase({ B: 2, queries: 65, keys: 65, H: 2, K: 2, E: 33 }),
    attentionCase({ B: 1, queries: 130, keys: 195, H: 4, K: 2, E: 32 }),
    ...largeAttentionCases(),
    ...pairs.flatMap(([N, D], number) => sizes.map((V) => headCase(N, D, V, weightDtypes[number % 3]))),
    headCase(550, 3, 1100, "f32"),
  ];
}

/** A case with some of its tensors in a narrow dtype. */
export function narrowed(one: KernelCase, dtype: "bf16" | "f16", names: readonly string[]): KernelCase {
  const narrow = ({ data }: Tensor): Tensor => ({
    dtype,
    data: decodeFloats(encodeFloats(data as Float32Array, dtype), dtype),
  });
  const tensors = Object.entries(one.tensors).map(([name, tensor]) => [
    name,
    names.includes(name) ? narrow(tensor) : tensor,
  ]);
  return { ...one, name: `${one.name}, ${dtype} ${names.join(" ")}`, tensors: Object.fromEntries(tensors) as Tensors };
}

/** Cases with all or some operands in narrow buffers, for each kernel that takes operands. */
export function operandCases(dtype: "bf16" | "f16" = "bf16"): readonly KernelCase[] {
  const cases = kernelCases();
  const withOperands = (one: KernelCase, names: readonly string[]) => narrowed(one, dtype, names);
  const of = (start: string) => cases.filter(({ name }) => name.startsWith(start));
  // A residual or an accumulated gradient is f32, so `y` and `dx` stay.
  return [
    ...of("matmul").flatMap((one) => [
      withOperands(one, ["x", "dy", "plain"]),
      withOperands(one, ["dy"]),
      withOperands(one, ["x"]),
    ]),
    ...of("gram").map((one) => withOperands(one, ["x"])),
    ...of("rmsNorm").map((one) => withOperands(one, ["out"])),
    ...of("swiglu").flatMap((one) => [
      withOperands(one, ["out", "gate", "up", "dOut", "dGate", "dUp", "gated"]),
      withOperands(one, ["gate", "dUp"]),
    ]),
    ...of("attention").flatMap((one) => [
      withOperands(one, ["out", "q", "k", "v", "dOut"]),
      withOperands(one, ["v", "dOut"]),
    ]),
    ...of("bias").map((one) => withOperands(one, ["out", "inPlace", "dy"])),
    ...of("rope").map((one) => withOperands(one, ["x"])),
    ...of("momentumStep").map((one) => withOperands(one, ["normalized", "least", "x"])),
    ...of("headLoss").map((one) => withOperands(one, ["x"])),
  ];
}
