import type { Dispatcher } from "../../dispatcher.js";
import { matrixProgram, matrixTile } from "./matrix-product.js";
import { layouts, type Layout, type ProductProgram } from "./product-program.js";
import { softwareProduct, softwareTile } from "./software-product.js";
import { leastWorkgroups } from "./split-sums.js";
import { mostThinRows, thinProduct, thinTile } from "./thin-product.js";
import { columns, tiledProduct, tiles, type TileName } from "./tiled-product.js";

/** How a product is computed: the shader, and its tiles. */
export interface ChosenProduct {
  readonly program: ProductProgram;
  readonly tile: string;
  readonly rows: number;
  readonly columns: number;
  /** Whether an invocation reads four elements of an operand at once where they are aligned. */
  readonly wide: boolean;
  /** Whether it stores four of out at once: writing a part of a vector may write all of it. */
  readonly wideOut: boolean;
}

/** @param M  rows of the part of out that is computed; N: its columns */
export function chooseProduct(
  { shaders: { units, hardwareShaders, largeTiles }, subgroups }: Dispatcher,
  whole: { readonly layout: Layout; readonly M: number },
  M: number,
  N: number,
): ChosenProduct {
  if (hardwareShaders && whole.layout === layouts.byRows && whole.M <= mostThinRows)
    return { program: thinProduct, tile: "", ...thinTile, wide: true, wideOut: false };
  // Larger tiles need fewer reads, but there must be enough of them.
  const fills = (tile: { readonly rows: number; readonly columns: number }) =>
    largeTiles && Math.ceil(M / tile.rows) * Math.ceil(N / tile.columns) >= leastWorkgroups;
  if (units) {
    const tile = fills(matrixTile(units, "large")) ? "large" : "small";
    return { program: matrixProgram(units), tile, ...matrixTile(units, tile), wide: true, wideOut: false };
  }
  if (subgroups === softwareTile.lanes && !hardwareShaders)
    return { program: softwareProduct, tile: "", ...softwareTile, wide: false, wideOut: true };
  const tile: TileName = hardwareShaders && fills({ rows: tiles.tall.rows, columns }) ? "tall" : "square";
  return { program: tiledProduct, tile, rows: tiles[tile].rows, columns, wide: true, wideOut: true };
}
