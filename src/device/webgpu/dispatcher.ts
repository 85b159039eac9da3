import type { ComputeDType } from "../kernels.js";
import type { CommandQueue } from "./command-queue.js";
import { alignment, placeOf, storagesOf, type BindingPlace } from "./binding-places.js";
import { computeStage } from "./gpu-constants.js";
import type { GpuBuffer } from "./gpu-buffer.js";
import { isCall, type PreparedCall } from "./prepared-call.js";
import type { Dispatch, Program } from "./program.js";
import type { MatrixUnits } from "./adapter/matrix-units.js";
import { isNarrow, shaderSource, storageAccess, type BindingShape, type ScalarType } from "./shader.js";

interface Pipeline {
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const none: readonly never[] = [];
const dispatchSeconds = 0.05;
const maxWorkgroups = 65535;

/** What a call with the same buffers needs again. */
interface Prepared extends PreparedCall {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Where each buffer's slice begins in its binding. */
  readonly places: readonly number[];
  readonly numbers: readonly (readonly [name: string, type: ScalarType])[];
  /** The call that came after this one the last time. */
  next: Prepared | null;
}

/** A training step repeats the same calls; generation has new slices at every position. */
const mostPrepared = 50_000;

/** Which shaders suit an adapter. */
export interface ShaderChoice {
  /** Whether drivers may unroll long loops. */
  readonly unrolls: boolean;
  /** Whether shaders are those of GPUs, some for aligned heads and products of many or few rows; software has fewer. */
  readonly hardwareShaders: boolean;
  /** Whether large products are computed by large tiles. */
  readonly largeTiles: boolean;
  /** Units for small matrices; null if products do without. */
  readonly units: MatrixUnits | null;
}

/** Compiles programs for the buffers they are called with, and records their dispatches; both are kept. */
export class Dispatcher {
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly groups = new Map<string, GPUBindGroup>();
  private readonly prepared = new Map<string, Prepared>();
  private last: Prepared | null = null;
  /** Invocations of a subgroup; 0 if shaders cannot use subgroups, or if sizes differ. */
  readonly subgroups: number;
  /** Keys of what refers to an allocation, by its id. */
  private readonly keysOf = new Map<number, Set<string>>();

  constructor(
    readonly queue: CommandQueue,
    readonly computeDType: ComputeDType,
    /** Bytes of a binding at most. */
    readonly maxBinding: number,
    /** FLOP/s of matrix products, estimated. */
    readonly rate: number,
    readonly shaders: ShaderChoice,
  ) {
    const { features, adapterInfo } = queue.device;
    const { subgroupMinSize = 0, subgroupMaxSize } = adapterInfo;
    this.subgroups = features.has("subgroups") && subgroupMinSize === subgroupMaxSize ? subgroupMinSize : 0;
  }

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
    { buffers, scalars, range, variant = "", wide = none, pairs = true, workgroups, work }: Dispatch<Name, Scalar>,
  ): void {
    this.queue.throwFailure();
    // A step repeats the calls of the step before, in the same order.
    const guess = this.last?.next ?? null;
    const isNext = guess !== null && isCall(guess, program as Program, buffers, variant, wide, pairs);
    const call = isNext ? guess : this.find(program, buffers, { variant, wide, pairs });
    if (this.last) this.last.next = call;
    this.last = call;
    const { pipeline, group, places, numbers } = call;
    const { integers, floats, place } = this.queue;
    let at = place + 1;
    for (let i = 0; i < places.length; i++) integers[at++] = places[i];
    for (let i = 0; i < numbers.length; i++) {
      const [name, type] = numbers[i];
      const value = (scalars as Readonly<Record<string, number>>)[name] ?? range?.[name];
      if (type === "u32") integers[at++] = value;
      else floats[at++] = value;
    }
    const x = Math.min(workgroups, maxWorkgroups);
    this.queue.dispatch(pipeline, group, x, Math.ceil(workgroups / x), work / this.rate);
  }

  private find<Name extends string, Scalar extends string>(
    program: Program<Name, Scalar>,
    buffers: Readonly<Partial<Record<Name, GpuBuffer | null>>>,
    { variant, wide, pairs }: { variant: string; wide: readonly Name[]; pairs: boolean },
  ): Prepared {
    let key = `${program.name} ${variant} ${wide.join()} ${pairs}`;
    for (const name in program.buffers) {
      const buffer = buffers[name];
      key += buffer ? ` ${buffer.gpu.id} ${buffer.offset} ${buffer.length}` : " -";
    }
    return this.prepared.get(key) ?? this.prepare(program, buffers, { key, variant, wide, pairs });
  }

  private prepare<Name extends string, Scalar extends string>(
    program: Program<Name, Scalar>,
    buffers: Readonly<Partial<Record<Name, GpuBuffer | null>>>,
    { key, variant, wide, pairs }: { key: string; variant: string; wide: readonly Name[]; pairs: boolean },
  ): Prepared {
    const names = (Object.keys(program.buffers) as Name[]).filter((name) => buffers[name]);
    const given = names.map((name) => buffers[name] as GpuBuffer);
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
    const { pipeline, ...compiled } = this.pipelineOf(program, bindings, variant);
    const group = this.bindGroup(compiled, given, places, storages);
    if (this.prepared.size >= mostPrepared) this.forgetPrepared();
    const all = Object.keys(program.buffers) as Name[];
    const prepared: Prepared = {
      program: program as Program,
      variant,
      wide,
      pairs,
      names: all,
      pipeline,
      group,
      next: null,
      slices: all.map((name) => {
        const buffer = buffers[name];
        return buffer ? { id: buffer.gpu.id, offset: buffer.offset, length: buffer.length } : null;
      }),
      places: places.map(({ at }) => at),
      numbers: Object.entries<ScalarType>(program.scalars),
    };
    this.prepared.set(key, prepared);
    this.remember(given, key);
    return prepared;
  }

  private forgetPrepared(): void {
    this.prepared.clear();
    for (const keys of this.keysOf.values()) for (const key of keys) if (!this.groups.has(key)) keys.delete(key);
  }

  private remember(given: readonly GpuBuffer[], key: string): void {
    for (const { gpu } of given) this.keysOf.set(gpu.id, (this.keysOf.get(gpu.id) ?? new Set()).add(key));
  }

  /** Forgets what refers to an allocation. */
  forget(id: number): void {
    for (const key of this.keysOf.get(id) ?? []) {
      this.groups.delete(key);
      this.prepared.delete(key);
    }
    this.keysOf.delete(id);
  }

  private pipelineOf<Name extends string, Scalar extends string>(
    program: Program<Name, Scalar>,
    bindings: readonly BindingShape[],
    variant: string,
  ): Pipeline {
    let key = `${program.name} ${variant}`;
    for (const one of bindings)
      key += ` ${one.name} ${one.dtype} ${one.storage}${one.wide ? " wide" : ""}${one.paired ? " paired" : ""}`;
    const known = this.pipelines.get(key);
    if (known) return known;
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
    const shape = { bindings, scalars, computeDType: this.computeDType, workgroup, unrolls: this.shaders.unrolls };
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
    { id, layout }: Omit<Pipeline, "pipeline">,
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
    }
    const group = this.queue.device.createBindGroup({ layout, entries });
    this.groups.set(key, group);
    this.remember(given, key);
    return group;
  }
}
