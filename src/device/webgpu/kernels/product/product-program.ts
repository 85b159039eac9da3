/** What all shaders of products have in common. */
import type { Program } from "../../program.js";
import type { BindingShape, ShaderText } from "../../shader.js";

/** Which index of an operand is contiguous: A is [M,K] or [K,M], B is [N,K] or [K,N]. */
export interface Layout {
  readonly a: "mk" | "km";
  readonly b: "nk" | "kn";
}

/** x · wᵀ, dyᵀ · x, and dy · w of row-major matrices. */
export const layouts = {
  byRows: { a: "mk", b: "nk" },
  byColumns: { a: "km", b: "kn" },
  mixed: { a: "mk", b: "kn" },
} as const satisfies Record<string, Layout>;

/**
 * Statements of a workgroup's tile: m0 and n0, its first row and column, and the terms from `first` to `end`, those of
 * its split. Where terms are split, out is [splits,M,N], and `split` is where this one begins.
 */
export function workgroupTile(rows: number, columns: number): string {
  return `
  let tilesOfSplit = numbers.rowTiles * ((numbers.N + ${columns - 1}u) / ${columns}u);
  let tile = block % tilesOfSplit;
  let m0 = (tile % numbers.rowTiles) * ${rows}u;
  let n0 = (tile / numbers.rowTiles) * ${columns}u;
  let first = (block / tilesOfSplit) * numbers.splitTerms;
  if (first >= numbers.K) { return; }
  let end = min(numbers.K, first + numbers.splitTerms);
  let split = (block / tilesOfSplit) * numbers.M * numbers.outStride;`;
}

/** What happens with out: overwritten, added to, or overwritten with a residual added. */
export type Ending = "set" | "add" | "residual";

/** What differs between the pipelines of one program. */
export interface ProductVariant {
  readonly layout: Layout;
  readonly ending: Ending;
  /** Which of the program's tiles. */
  readonly tile: string;
}

/** Terms that are summed by themselves: the error of a sum of many terms grows with their number. */
export const termsOfBlock = 512;

const buffers = { a: "read", b: "read", residual: "read", out: "write" } as const;
const scalars = {
  M: "u32",
  N: "u32",
  K: "u32",
  splitTerms: "u32",
  aStride: "u32",
  bStride: "u32",
  outStride: "u32",
  rowTiles: "u32",
} as const;

export type ProductBuffers = keyof typeof buffers;
export type ProductProgram = Program<ProductBuffers, keyof typeof scalars>;

/** @param workgroup  invocations of a workgroup, which has a tile of out */
export function productProgram(
  name: string,
  workgroup: number,
  source: (variant: ProductVariant, bindings: readonly BindingShape[]) => ShaderText,
): ProductProgram {
  return {
    name,
    buffers,
    scalars,
    workgroup,
    source(bindings, variant) {
      const [a, b, ending, tile] = variant.split(" ");
      const layout = { a, b } as Layout;
      return source({ layout, ending: ending as Ending, tile }, bindings);
    },
  };
}

export function variantName({ layout, ending, tile }: ProductVariant): string {
  return `${layout.a} ${layout.b} ${ending} ${tile}`;
}
