/**
 * What the shaders of attention share. A workgroup has a block of query rows and steps over blocks of keys, or the
 * other way around; scores of a pair of blocks are in its memory, never all of them.
 *
 * Barriers are few, because software adapters compile each at a high price: what a block of rows sees is computed
 * before, and read from a buffer.
 */
import type { BindingShape } from "../shader.js";

/** Query rows of a block; keys of a block. */
export const blockSize = 32;
/** An invocation has 2 rows and 4 columns of a block of scores, and 2 rows of an output. */
export const threads = 128;
/** A score that no other is below. */
export const lowest = "-3.4028234e38";
/** Columns of an output that are staged and added to at once: 4 of each 32 belong to an invocation. */
const chunkColumns = 64;

export const scalarTypes = {
  B: "u32",
  queries: "u32",
  keys: "u32",
  H: "u32",
  K: "u32",
  E: "u32",
  scale: "f32",
  firstBlock: "u32",
} as const;
export type Sizes = keyof typeof scalarTypes;

/** An array of scores; `line` elements lie between rows. */
export const scoresDeclaration = (name: string, line: number) =>
  `var<workgroup> ${name}: array<f32, ${blockSize * line}>;`;
export const stageDeclaration = (floats: number) => `var<workgroup> stage: array<f32, ${floats}>;`;
/** Floats of the stage of rows of an output's factor. */
export const stagedRowFloats = (groups: number) => blockSize * Math.min(chunkColumns, 32 * groups);

/** The invocation's rows `row0`, `row0 + 1` and columns `column0` … `column0 + 3`. */
export const ownTile = `
  let row0 = (lane / 8u) * 2u;
  let column0 = (lane % 8u) * 4u;`;

export const perRow = (text: (row: string, number: number) => string) => ["row0", "(row0 + 1u)"].map(text).join("\n");

/** `visible` has, for each sequence, the first key and the end of each row, then those of each block of rows. */
export const visibleWidth = (queries: number): number => 2 * (queries + Math.ceil(queries / blockSize));
export const visiblePlaces = `
  let queryBlocks = (numbers.queries + ${blockSize - 1}u) / ${blockSize}u;
  let visibleSequence = b * 2u * (numbers.queries + queryBlocks);`;

/** first0, end0, first1, end1: the keys that the invocation's rows of the block from q0 on see. */
export const loadVisible = perRow(
  (row, i) => `  var first${i} = 0u;
  var end${i} = 0u;
  if (q0 + ${row} < numbers.queries) {
    first${i} = u32(load_visible(visibleSequence + 2u * (q0 + ${row})));
    end${i} = u32(load_visible(visibleSequence + 2u * (q0 + ${row}) + 1u));
  }`,
);

/** begin and until: the keys that any row of the block from q0 on sees; uniform, since it is only read. */
export const loadVisibleRange = `
  let visibleBlock = visibleSequence + 2u * (numbers.queries + q0 / ${blockSize}u);
  let begin = u32(load_visible(visibleBlock));
  let until = u32(load_visible(visibleBlock + 1u));`;

/** Whether row i sees the invocation's keys of the block from k0 on. */
export function sees(i: number): string {
  const column = (at: number) => `k0 + column0 + ${at}u >= first${i} && k0 + column0 + ${at}u < end${i}`;
  return `vec4<bool>(${[0, 1, 2, 3].map(column).join(", ")})`;
}

export function storeScores(to: string, row: string, value: string, line: number): string {
  return ["x", "y", "z", "w"]
    .map((part, at) => `${to}[${row} * ${line}u + column0 + ${at}u] = ${value}.${part};`)
    .join(" ");
}

/** The rows of a matrix that belong to a block and a head. */
export interface Staged {
  /** Binding. */
  readonly name: string;
  readonly of: "queries" | "keys";
}

function element({ of }: Staged, i: string, e: string): string {
  const [first, heads, head] = of === "queries" ? ["q0", "H", "h"] : ["k0", "K", "kvHead"];
  return `((b * numbers.${of} + ${first} + ${i}) * numbers.${heads} + ${head}) * numbers.E + ${e}`;
}

function exists({ of }: Staged, i: string): string {
  return of === "queries" ? `q0 + ${i} < numbers.queries` : `k0 + ${i} < numbers.keys`;
}

/** Copies rows of a block into the stage, `columns` elements of the head from the expression `e0` on. */
function stage(
  staged: Staged,
  e0: string,
  columns: number,
  place: (i: string, e: string) => string,
  bindings: readonly BindingShape[],
): string {
  const wide = bindings.some((one) => one.name === staged.name && one.wide);
  const each = wide ? 4 : 1;
  const store = wide
    ? ["x", "y", "z", "w"].map((part, at) => `stage[${place("i", `(e + ${at}u)`)}] = v.${part};`).join(" ")
    : `stage[${place("i", "e")}] = v;`;
  return `    for (var index = lane; index < bound(${(blockSize * columns) / each}u); index += ${threads}u) {
      let e = (index % ${columns / each}u) * ${each}u;
      let i = index / ${columns / each}u;
      var v = ${wide ? "vec4<f32>()" : "0.0"};
      if (${exists(staged, "i")} && ${e0} + e < numbers.E) {
        v = operand${wide ? "4" : ""}_${staged.name}(${element(staged, "i", `${e0} + e`)});
      }
      ${store}
    }`;
}

export interface DotProduct {
  /** NAME0 and NAME1 are the results. */
  readonly name: string;
  readonly a: Staged;
  readonly b: Staged;
}

const stageLine = blockSize + 4;
/** Of one product over 16 elements of a head, or of two over 8: two operands each. */
export const dotStageFloats = 32 * stageLine;

/** Dot products of the invocation's two rows of `a` with four of `b`, over the elements of a head. */
export function dotProducts(products: readonly DotProduct[], bindings: readonly BindingShape[]): string {
  const columns = 16 / products.length;
  const part = columns * stageLine;
  const place = (number: number) => (i: string, e: string) => `${number * part}u + ${e} * ${stageLine}u + ${i}`;
  return `
${products.map(({ name }) => `  var ${name}0 = vec4<f32>();\n  var ${name}1 = vec4<f32>();`).join("\n")}
  for (var e0 = 0u; e0 < numbers.E; e0 += ${columns}u) {
    workgroupBarrier();
${products
  .flatMap(({ a, b }) => [a, b])
  .map((staged, at) => stage(staged, "e0", columns, place(at), bindings))
  .join("\n")}
    workgroupBarrier();
    for (var e = 0u; e < bound(${columns}u); e++) {
${products.map(({ name }, at) => dotTerm(name, 2 * at * part, (2 * at + 1) * part)).join("\n")}
    }
  }`;
}

function dotTerm(name: string, a: number, b: number): string {
  return `      {
        let at = ${a}u + e * ${stageLine}u + row0;
        let to = ${b}u + e * ${stageLine}u + column0;
        let other = vec4<f32>(stage[to], stage[to + 1u], stage[to + 2u], stage[to + 3u]);
        ${name}0 = fma(vec4<f32>(stage[at]), other, ${name}0);
        ${name}1 = fma(vec4<f32>(stage[at + 1u]), other, ${name}1);
      }`;
}

/** Chunks of an output of some groups of 32 columns. */
function chunksOf(groups: number): { first: number; columns: number; groups: number[] }[] {
  const all: { first: number; columns: number; groups: number[] }[] = [];
  for (let first = 0; first < 32 * groups; first += chunkColumns) {
    const columns = Math.min(chunkColumns, 32 * groups - first);
    all.push({ first, columns, groups: Array.from({ length: columns / 32 }, (_, at) => first / 32 + at) });
  }
  return all;
}

const range = (length: number) => Array.from({ length }, (_, at) => at);

/** Declares the invocation's two rows of an output: four of each 32 columns of the head. */
export function outputRows(name: string, groups: number): string {
  return range(groups)
    .map((group) => `  var ${name}0_${group} = vec4<f32>();\n  var ${name}1_${group} = vec4<f32>();`)
    .join("\n");
}

export function scaleRows(name: string, row: number, groups: number, by: string): string {
  return range(groups)
    .map((group) => `${name}${row}_${group} *= ${by};`)
    .join(" ");
}

/**
 * Adds scores · matrix to an output: over the rows j of a block, the score of (own row, j) times row j.
 *
 * @param score  of the invocation's row and j
 * @param each   further statements for each j, once, with `score0` and `score1`
 */
export function addWeighted(
  name: string,
  score: (row: string) => string,
  staged: Staged,
  groups: number,
  bindings: readonly BindingShape[],
  each = "",
): string {
  return chunksOf(groups)
    .map(({ first, columns, groups: own }) => {
      const place = (i: string, e: string) => `${i} * ${columns}u + ${e}`;
      return `
  workgroupBarrier();
${stage(staged, `${first}u`, columns, place, bindings)}
  workgroupBarrier();
  for (var j = 0u; j < bound(${blockSize}u); j++) {
    let score0 = ${score("row0")};
    let score1 = ${score("(row0 + 1u)")};
    ${first === 0 ? each : ""}
${own.map((group, at) => weightedTerm(name, group, `j * ${columns}u + ${32 * at}u + column0`)).join("\n")}
  }`;
    })
    .join("\n");
}

function weightedTerm(name: string, group: number, at: string): string {
  return `    {
      let at = ${at};
      let v = vec4<f32>(stage[at], stage[at + 1u], stage[at + 2u], stage[at + 3u]);
      ${name}0_${group} = fma(vec4<f32>(score0), v, ${name}0_${group});
      ${name}1_${group} = fma(vec4<f32>(score1), v, ${name}1_${group});
    }`;
}

/** Stores the invocation's rows of an output. @param value  of the sum of a row */
export function storeRows(
  name: string,
  to: Staged,
  groups: number,
  value: (sum: string, row: number) => string,
  bindings: readonly BindingShape[],
): string {
  const inPairs = bindings.some((one) => one.name === to.name && one.paired);
  return perRow(
    (row, number) => `  if (${exists(to, row)}) {
    let at = ${element(to, row, "0u")};
${range(groups)
  .map((group) => {
    const sum = value(`${name}${number}_${group}`, number);
    return `    { let e = ${32 * group}u + column0; let v = ${sum}; ${storeFour(to.name, inPairs)} }`;
  })
  .join("\n")}
  }`,
  );
}

/** Four elements of which some may be after the head. @param inPairs  halves of words, of a head of even size */
function storeFour(to: string, inPairs: boolean): string {
  if (inPairs) {
    const pair = (at: number, parts: string) =>
      `if (e + ${at}u < numbers.E) { store2_${to}(at + e + ${at}u, v.${parts}); }`;
    return `${pair(0, "xy")} ${pair(2, "zw")}`;
  }
  const single = ["x", "y", "z", "w"].map(
    (part, at) => `if (e + ${at}u < numbers.E) { store_${to}(at + e + ${at}u, v.${part}); }`,
  );
  return single.join(" ");
}
