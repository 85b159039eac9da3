import type { ComputeDType } from "../kernels.js";
import type { CommandQueue } from "./command-queue.js";
import { computeStage } from "./gpu-constants.js";
import type { GpuBuffer } from "./gpu-buffer.js";
import {
  isNarrow,
  shaderSource,
  storageAccess,
  type BindingShape,
  type ScalarType,
  type ShaderText,
} from "./shader.js";

/** A shader for buffers of any dtype. */
export interface Program<Name extends string = string, Scalar extends string = string> {
  readonly name: string;
  /** Buffers in order, and whether the shader writes them. */
  readonly buffers: Readonly<Record<Name, "read" | "write">>;
  /** Numbers in order. */
  readonly scalars: Readonly<Record<Scalar, ScalarType>>;
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /**
   * @param bindings  the buffers of the call
   * @param variant   what else differs between the pipelines of one program, such as sizes of arrays
   */
  readonly source: (bindings: readonly BindingShape[], variant: string) => ShaderText;
}

export interface Dispatch<Name extends string, Scalar extends string> {
  /** Buffers by name; those that the variant does not use are left out. */
  readonly buffers: Readonly<Partial<Record<Name, GpuBuffer | null>>>;
  readonly scalars: Readonly<Record<Scalar, number>>;
  readonly variant?: string;
  /** Buffers whose elements are accessed as aligned groups of four, where the slice allows it. */
  readonly wide?: readonly Name[];
  /** Whether all stores are of pairs at an even index, where the slice allows it. */
  readonly pairs?: boolean;
  readonly workgroups: number;
  /** Floating-point operations, or what takes as long. */
  readonly work: number;
}

interface Pipeline {
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const dispatchSeconds = 0.05;
const maxWorkgroups = 65535;
/** Bindings start at a multiple of this; a multiple of the alignment that any adapter demands. */
const alignment = 256;

/** Compiles programs for the buffers they are called with, and records their dispatches; both are kept. */
export class Dispatcher {
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly groups = new Map<string, GPUBindGroup>();
  /** Keys of bind groups by allocation. */
  private readonly groupsOf = new Map<number, Set<string>>();

  constructor(
    readonly queue: CommandQueue,
    readonly computeDType: ComputeDType,
    /** Bytes of a binding at most. */
    readonly maxBinding: number,
    /** FLOP/s of matrix products, estimated. */
    readonly rate: number,
    /** Whether shaders may have long loops unrolled. */
    readonly unrolls: boolean,
    /** Whether attention has shaders of its own for aligned heads. */
    readonly widensHeads: boolean,
  ) {}

  /** Bytes of a slice that fits into a binding wherever it begins. */
  get maxWindow(): number {
    return this.maxBinding - 2 * alignment;
  }

  /** Work of a dispatch at most: systems and other programs wait for it. */
  get maxWork(): number {
    return dispatchSeconds * this.rate;
  }

  /** Whether two elements at an even index of a bf16 or f16 slice are one aligned word. */
  isPaired(buffer: GpuBuffer): boolean {
    return placeOf(buffer, this.maxBinding).at % 2 === 0;
  }

  run<Name extends string, Scalar extends string>(
    program: Program<Name, Scalar>,
    { buffers, scalars, variant = "", wide = [], pairs = true, workgroups, work }: Dispatch<Name, Scalar>,
  ): void {
    this.queue.throwFailure();
    const names: Name[] = [];
    const given: GpuBuffer[] = [];
    for (const name in program.buffers) {
      const buffer = buffers[name];
      if (!buffer) continue;
      names.push(name);
      given.push(buffer);
    }
    const places = given.map((buffer) => placeOf(buffer, this.maxBinding));
    const storages = storagesOf(given, places);
    const bindings = given.map(({ dtype }, at): BindingShape => {
      const isWritten = program.buffers[names[at]] === "write";
      const writesHalves = isWritten && isNarrow(dtype);
      return {
        name: names[at],
        dtype,
        storage: storages[at],
        isWritten,
        wide: wide.includes(names[at]) && places[at].at % 4 === 0 && !writesHalves,
        paired: writesHalves && pairs && places[at].at % 2 === 0,
      };
    });
    let key = `${program.name} ${variant}`;
    for (const one of bindings)
      key += ` ${one.name} ${one.dtype} ${one.storage}${one.wide ? " wide" : ""}${one.paired ? " paired" : ""}`;
    const pipeline = this.pipelines.get(key) ?? this.compile(program, bindings, key, variant);
    const group = this.bindGroup(pipeline, given, places, storages);
    const { integers, floats, place } = this.queue;
    let at = place + 1;
    for (const one of places) integers[at++] = one.at;
    for (const name in program.scalars) {
      if (program.scalars[name] === "u32") integers[at++] = scalars[name];
      else floats[at++] = scalars[name];
    }
    const x = Math.min(workgroups, maxWorkgroups);
    this.queue.dispatch(pipeline.pipeline, group, [x, Math.ceil(workgroups / x)], work / this.rate);
  }

  /** Forgets what refers to an allocation. */
  forget(id: number): void {
    for (const key of this.groupsOf.get(id) ?? []) this.groups.delete(key);
    this.groupsOf.delete(id);
  }

  private compile<Name extends string, Scalar extends string>(
    program: Program<Name, Scalar>,
    bindings: readonly BindingShape[],
    key: string,
    variant: string,
  ): Pipeline {
    const { device, numbersLayout } = this.queue;
    const storages = Math.max(...bindings.map(({ storage }) => storage)) + 1;
    const layout = device.createBindGroupLayout({
      entries: Array.from({ length: storages }, (_, binding) => ({
        binding,
        visibility: computeStage,
        buffer: { type: storageAccess(binding, bindings) === "read" ? "read-only-storage" : "storage" },
      })),
    });
    const { scalars, workgroup } = program;
    const shape = { bindings, scalars, computeDType: this.computeDType, workgroup, unrolls: this.unrolls };
    const code = shaderSource(shape, program.source(bindings, variant));
    const module = device.createShaderModule({ code, label: key });
    const pipeline = device.createComputePipeline({
      label: key,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout, numbersLayout] }),
      compute: { module, entryPoint: "main" },
    });
    const compiled = { id: this.pipelines.size, pipeline, layout };
    this.pipelines.set(key, compiled);
    return compiled;
  }

  private bindGroup(
    { id, layout }: Pipeline,
    given: readonly GpuBuffer[],
    places: readonly BindingPlace[],
    storages: readonly number[],
  ): GPUBindGroup {
    let key = `${id}`;
    for (const [at, { gpu }] of given.entries()) key += ` ${gpu.id}:${places[at].start}:${places[at].bytes}`;
    const known = this.groups.get(key);
    if (known) return known;
    const entries: GPUBindGroupEntry[] = [];
    for (const [at, { gpu }] of given.entries()) {
      const { start: offset, bytes } = places[at];
      // The longest of those that begin at the same place.
      const size = Math.max(bytes, (entries[storages[at]]?.resource as GPUBufferBinding | undefined)?.size ?? 0);
      entries[storages[at]] = { binding: storages[at], resource: { buffer: gpu.buffer, offset, size } };
      const keys = this.groupsOf.get(gpu.id) ?? new Set();
      this.groupsOf.set(gpu.id, keys.add(key));
    }
    const group = this.queue.device.createBindGroup({ layout, entries });
    this.groups.set(key, group);
    return group;
  }
}

/** Where a slice is in the binding that holds it. */
interface BindingPlace {
  /** Bytes from the start of the allocation to that of the binding. */
  readonly start: number;
  readonly bytes: number;
  /** Elements from the start of the binding to that of the slice. */
  readonly at: number;
}

const elementBytes = { f32: 4, bf16: 2, f16: 2, f64: 8, i32: 4 } as const;

/** Binds the whole allocation, so that one bind group serves all its slices; of a large one, only the slice. */
function placeOf({ gpu, dtype, offset, length }: GpuBuffer, maxBinding: number): BindingPlace {
  if (gpu.bytes <= maxBinding) return { start: 0, bytes: gpu.bytes, at: offset };
  const size = elementBytes[dtype];
  const start = Math.floor((offset * size) / alignment) * alignment;
  const end = Math.min(gpu.bytes, Math.ceil(((offset + length) * size) / 16) * 16);
  if (end - start > maxBinding) throw new Error(`a slice of ${end - start} bytes exceeds the binding limit`);
  return { start, bytes: end - start, at: offset - start / size };
}

/** Numbers the distinct bindings: names with the same one share it, since WGSL forbids two views of written memory. */
function storagesOf(given: readonly GpuBuffer[], places: readonly BindingPlace[]): number[] {
  const storages: number[] = [];
  let count = 0;
  for (const [at, { gpu }] of given.entries()) {
    const same = given.findIndex(
      (other, before) => before < at && other.gpu === gpu && places[before].start === places[at].start,
    );
    storages.push(same >= 0 ? storages[same] : count++);
  }
  return storages;
}
