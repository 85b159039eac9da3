import type { Dispatcher } from "../../dispatcher.js";
import { matrixProgram, matrixTile } from "./matrix-product.js";
import type { ProductProgram } from "./product-program.js";
import { softwareProduct, softwareTile } from "./software-product.js";
import { columns, tiledProduct, tiles, type TileName } from "./tiled-product.js";

/** Larger tiles need fewer reads, but there must be enough of them to give every part of a GPU work. */
const leastLargeTiles = 128;

/** How a product is computed: the shader, and its tiles. */
export interface ChosenProduct {
  readonly program: ProductProgram;
  readonly tile: string;
  readonly rows: number;
  readonly columns: number;
  /** Whether it reads four elements at once where they are aligned. */
  readonly wide: boolean;
}

/** @param M  rows of out; N: its columns */
export function chooseProduct({ units, hardwareShaders, subgroups }: Dispatcher, M: number, N: number): ChosenProduct {
  const fills = (tile: { readonly rows: number; readonly columns: number }) =>
    Math.ceil(M / tile.rows) * Math.ceil(N / tile.columns) >= leastLargeTiles;
  if (units) {
    const tile = fills(matrixTile(units, "large")) ? "large" : "small";
    return { program: matrixProgram(units), tile, ...matrixTile(units, tile), wide: true };
  }
  if (subgroups === softwareTile.lanes && !hardwareShaders)
    return { program: softwareProduct, tile: "", ...softwareTile, wide: false };
  const tile: TileName = hardwareShaders && fills({ rows: tiles.tall.rows, columns }) ? "tall" : "square";
  return { program: tiledProduct, tile, rows: tiles[tile].rows, columns, wide: true };
}
