/** Programs that compute each element by itself. */
import { bytesPerElement } from "../../tensor/dtype.js";
import type { Dispatcher } from "./dispatcher.js";
import type { Program } from "./program.js";
import type { GpuBuffer } from "./gpu-buffer.js";
import { isNarrow, type BindingShape, type ScalarType, type ShaderText } from "./shader.js";

export const elementWorkgroup = 256;
/** What an element costs: memory is slower than arithmetic. */
const workPerElement = 40;

/** Scalars that every program over elements has: how many there are, and the number of the first. */
type ElementScalar = "length" | "start";

export type ElementProgram<Name extends string, Scalar extends string> = Program<Name, Scalar | ElementScalar>;

export interface ElementSource {
  readonly name: string;
  /**
   * Statements that set `to_NAME`, for each written buffer that is given, from the element i of the buffers; the number
   * of the element is numbers.start + i.
   */
  readonly element: (has: (name: string) => boolean, bindings: readonly BindingShape[]) => string;
  /** Whether `to_NAME` are the bits of elements instead of numbers. */
  readonly raw?: boolean;
}

export function elementProgram<Name extends string, Scalar extends string = never>(
  source: ElementSource,
  buffers: Readonly<Record<Name, "read" | "write">>,
  scalars: Readonly<Record<Scalar, ScalarType>>,
): ElementProgram<Name, Scalar> {
  return {
    name: source.name,
    buffers,
    scalars: { length: "u32", start: "u32", ...scalars } as Readonly<Record<Scalar | ElementScalar, ScalarType>>,
    workgroup: elementWorkgroup,
    source: (bindings) => elementSource(source, bindings),
  };
}

/** Two elements an invocation if some are halves of words, so that no two invocations write the same word. */
function elementSource({ element, raw = false }: ElementSource, bindings: readonly BindingShape[]): ShaderText {
  const written = bindings.filter(({ isWritten }) => isWritten);
  const has = (name: string) => bindings.some((one) => one.name === name);
  const type = raw ? "u32" : "f32";
  const declarations = `
struct Results { ${written.map(({ name }) => `${name}: ${type}`).join(", ")} }
fn compute(i: u32) -> Results {
${written.map(({ name }) => `  var to_${name}: ${type};`).join("\n")}
  ${element(has, bindings)}
  return Results(${written.map(({ name }) => `to_${name}`).join(", ")});
}`;
  const store = raw ? "put" : "store";
  const single = (at: string, from: string) =>
    written.map(({ name }) => `${store}_${name}(${at}, ${from}.${name});`).join(" ");
  const index = `let index = block * ${elementWorkgroup}u + lane;`;
  if (!written.some(({ dtype }) => isNarrow(dtype)))
    return {
      declarations,
      body: `${index} if (index < numbers.length) { let to = compute(index); ${single("index", "to")} }`,
    };
  const pair = written.map(({ name, dtype }) =>
    isNarrow(dtype)
      ? `${store}2_${name}(first, vec2<${type}>(to0.${name}, to1.${name}));`
      : `${store}_${name}(first, to0.${name}); ${store}_${name}(first + 1u, to1.${name});`,
  );
  const body = `
  ${index}
  let first = 2u * index;
  if (first >= numbers.length) { return; }
  let to0 = compute(first);
  if (first + 1u < numbers.length) {
    let to1 = compute(first + 1u);
    ${pair.join(" ")}
  } else { ${single("first", "to0")} }`;
  return { declarations, body };
}

/**
 * Runs a program over `length` elements of all buffers.
 *
 * @param whole  buffers that are indexed in another way
 */
export function runElements<Name extends string, Scalar extends string>(
  gpu: Dispatcher,
  program: ElementProgram<Name, Scalar>,
  buffers: Readonly<Partial<Record<Name, GpuBuffer | null>>>,
  length: number,
  scalars: Readonly<Record<Scalar, number>>,
  whole: readonly Name[] = [],
): void {
  let most = gpu.maxWork / workPerElement;
  let perInvocation = 1;
  for (const name in buffers) {
    const buffer = buffers[name];
    if (!buffer || whole.includes(name)) continue;
    const { gpu: memory, dtype } = buffer;
    if (memory.isLarge) most = Math.min(most, gpu.maxWindow / bytesPerElement(dtype));
    if (program.buffers[name] === "write" && isNarrow(dtype)) perInvocation = 2;
  }
  // Even, so that pairs stay pairs.
  const step = Math.max(2, Math.floor(most / 256) * 256);
  for (let start = 0; start < length; start += step) {
    const count = Math.min(step, length - start);
    gpu.run<Name, string>(program, {
      buffers: count < length ? slicesOf(buffers, whole, start, count) : buffers,
      scalars,
      range: { length: count, start },
      workgroups: Math.ceil(count / (elementWorkgroup * perInvocation)),
      work: count * workPerElement,
    });
  }
}

/** The buffers, but those of some names, cut to a range of elements. */
function slicesOf<Name extends string>(
  buffers: Readonly<Partial<Record<Name, GpuBuffer | null>>>,
  whole: readonly Name[],
  start: number,
  count: number,
): Readonly<Partial<Record<Name, GpuBuffer | null>>> {
  const slices: Partial<Record<Name, GpuBuffer | null>> = { ...buffers };
  for (const name in slices) if (!whole.includes(name)) slices[name] = slices[name]?.slice(start, count);
  return slices;
}
