import type { AttentionShape, Kernels, VisibleKeys } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { gpuBuffer, gpuBufferOrNull, type GpuBuffer } from "../gpu-buffer.js";
import type { Scratch } from "../scratch.js";
import { forwardOfOne } from "./attention-of-one.js";
import { forward, keyGradient, queryGradient, rowFacts, visibleRanges } from "./attention-programs.js";
import { blockSize, visibleWidth, type Sizes } from "./attention-shader.js";

/** Calls `part` for all sequences, or for each by itself if some buffer exceeds a binding. */
function forSequences(
  { B, queries, keys, H, K, E }: AttentionShape,
  buffers: Readonly<Record<string, GpuBuffer | null>>,
  part: (buffers: Readonly<Record<string, GpuBuffer | null>>, B: number) => void,
): void {
  if (!Object.values(buffers).some((buffer) => buffer?.gpu.isLarge)) return part(buffers, B);
  const [queryRow, keyRow] = [queries * H * E, keys * K * E];
  const perSequence: Readonly<Record<string, number>> = {
    q: queryRow,
    out: queryRow,
    dOut: queryRow,
    dq: queryRow,
    k: keyRow,
    v: keyRow,
    dk: keyRow,
    dv: keyRow,
    visible: visibleWidth(queries),
    logSumExp: queries * H,
    facts: 2 * queries * H,
  };
  for (let b = 0; b < B; b++) {
    const slices = Object.entries(buffers).map(([name, buffer]) => [
      name,
      buffer && buffer.slice(b * perSequence[name], perSequence[name]),
    ]);
    part(Object.fromEntries(slices), 1);
  }
}

function runBlocks<Name extends string>(
  gpu: Dispatcher,
  program: Program<Name, Sizes>,
  { queries, keys, H, K, E }: AttentionShape,
  B: number,
  buffers: Readonly<Partial<Record<Name, GpuBuffer | null>>>,
  blocks: number,
  products: number,
): void {
  const wide =
    E % 4 === 0 && gpu.shaders.hardwareShaders ? (["q", "k", "v", "dOut"] as readonly string[] as readonly Name[]) : [];
  const workPerBlock = (2 * products * B * queries * keys * H * E) / blocks;
  const step = Math.max(1, Math.floor(gpu.maxWork / workPerBlock));
  for (let firstBlock = 0; firstBlock < blocks; firstBlock += step) {
    const workgroups = Math.min(step, blocks - firstBlock);
    gpu.run(program, {
      buffers,
      scalars: { B, queries, keys, H, K, E, scale: 1 / Math.sqrt(E), firstBlock },
      variant: String(Math.ceil(E / 32)),
      wide,
      pairs: E % 2 === 0,
      workgroups,
      work: workgroups * workPerBlock,
    });
  }
}

/** What rows and blocks of rows see. */
function visibleOf(gpu: Dispatcher, scratch: Scratch, { first, end }: VisibleKeys, shape: AttentionShape): GpuBuffer {
  const { B, queries } = shape;
  const visible = scratch.floats("visible keys", B * visibleWidth(queries));
  gpu.run(visibleRanges, {
    buffers: { first: gpuBuffer(first), end: gpuBuffer(end), visible },
    scalars: { B, queries },
    workgroups: Math.ceil((B * Math.ceil(queries / blockSize)) / 64),
    work: 20 * B * queries,
  });
  return visible;
}

export function attention(gpu: Dispatcher, scratch: Scratch): Pick<Kernels, "attention" | "attentionBackward"> {
  return {
    attention({ out, logSumExp, q, k, v, visible, shape }) {
      const all = {
        q: gpuBuffer(q),
        k: gpuBuffer(k),
        v: gpuBuffer(v),
        visible: visibleOf(gpu, scratch, visible, shape),
        logSumExp: gpuBufferOrNull(logSumExp),
        out: gpuBuffer(out),
      };
      const blocks = shape.H * Math.ceil(shape.queries / blockSize);
      const program = shape.queries === 1 ? forwardOfOne : forward;
      forSequences(shape, all, (buffers, B) => runBlocks(gpu, program, shape, B, buffers, B * blocks, 2));
    },
    attentionBackward({ dq, dk, dv, dOut, out, logSumExp, q, k, v, visible, shape }) {
      const { B, queries, H, K, E, keys } = shape;
      const rows = queries * H;
      const facts = scratch.floats("facts of attention rows", 2 * B * rows);
      const dy = gpuBuffer(dOut);
      const known = { dOut: dy, out: gpuBuffer(out), logSumExp: gpuBuffer(logSumExp), facts };
      forSequences(shape, known, (buffers, sequences) => {
        const count = sequences * rows;
        const workgroups = Math.ceil(count / 64);
        gpu.run(rowFacts, { buffers, scalars: { count, E }, workgroups, work: 20 * count * E });
      });
      const inputs = { q: gpuBuffer(q), k: gpuBuffer(k), v: gpuBuffer(v), dOut: dy, facts };
      const all = { ...inputs, visible: visibleOf(gpu, scratch, visible, shape) };
      const [queryBlocks, keyBlocks] = [H * Math.ceil(queries / blockSize), K * Math.ceil(keys / blockSize)];
      forSequences(shape, { ...all, dq: gpuBuffer(dq) }, (buffers, sequences) =>
        runBlocks(gpu, queryGradient, shape, sequences, buffers, sequences * queryBlocks, 3),
      );
      forSequences(shape, { ...all, dk: gpuBuffer(dk), dv: gpuBuffer(dv) }, (buffers, sequences) =>
        runBlocks(gpu, keyGradient, shape, sequences, buffers, sequences * keyBlocks, 4),
      );
    },
  };
}
