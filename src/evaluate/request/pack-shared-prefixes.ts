import type { ScoreBatch, Tree } from "../../model/inference/score-batch.js";
import type { Piece } from "./requests.js";

/** Pieces of one question, whose common beginning is computed once. */
export type Group = readonly Piece[];

/** Where a piece's predictions stand: from `first` on, one after the other, in the batch's targets. */
export interface Placed {
  /** Number of the piece, counted over all groups. */
  readonly piece: number;
  readonly first: number;
}

export interface PlantedBatch {
  readonly batch: ScoreBatch;
  readonly placed: readonly Placed[];
}

interface Sapling {
  readonly pieces: readonly { readonly piece: Piece; readonly number: number }[];
  readonly trunk: number;
  /** Rows, and predictions. */
  readonly rows: number;
  readonly predictions: number;
}

/**
 * Puts groups into batches in their order, each with at most `maximumRows` rows and as many predictions unless a single
 * tree has more. There is no padding, so the order costs nothing; which pieces are in a batch depends on them alone.
 */
export function plantTrees(groups: readonly Group[], maximumRows: number): PlantedBatch[] {
  const batches: Sapling[][] = [];
  let [rows, predictions] = [Infinity, Infinity];
  let number = 0;
  for (const group of groups) {
    const numbered = group.map((piece) => ({ piece, number: number++ }));
    for (const sapling of saplings(numbered)) {
      if (rows + sapling.rows > maximumRows || predictions + sapling.predictions > maximumRows) {
        batches.push([]);
        [rows, predictions] = [0, 0];
      }
      batches[batches.length - 1].push(sapling);
      rows += sapling.rows;
      predictions += sapling.predictions;
    }
  }
  return batches.map(plant);
}

/** One tree of all pieces, the longest first; a tree for each where they have no beginning in common. */
function saplings(pieces: Sapling["pieces"]): Sapling[] {
  const trunk = commonLength(pieces.map(({ piece }) => piece.inputs));
  const sorted = [...pieces].sort((a, b) => b.piece.inputs.length - a.piece.inputs.length || a.number - b.number);
  if (trunk > 0) return [sapling(sorted, trunk)];
  return pieces.map((piece) => sapling([piece], piece.piece.inputs.length));
}

function sapling(pieces: Sapling["pieces"], trunk: number): Sapling {
  const sum = (count: (piece: Piece) => number) => pieces.reduce((total, { piece }) => total + count(piece), 0);
  return {
    pieces,
    trunk,
    rows: trunk + sum(({ inputs }) => inputs.length - trunk),
    predictions: sum(({ predicted }) => predicted.length),
  };
}

function commonLength(lists: readonly (readonly number[])[]): number {
  let common = Math.min(...lists.map(({ length }) => length));
  for (const list of lists) {
    let same = 0;
    while (same < common && list[same] === lists[0][same]) same++;
    common = same;
  }
  return common;
}

function plant(saplings: readonly Sapling[]): PlantedBatch {
  const ids: number[] = [];
  const positions: number[] = [];
  const rows: number[] = [];
  const targets: number[] = [];
  const trees: Tree[] = [];
  const placed: Placed[] = [];
  const add = (inputs: readonly number[], from: number) => {
    for (let i = from; i < inputs.length; i++) {
      ids.push(inputs[i]);
      positions.push(i);
    }
  };
  for (const { pieces, trunk } of saplings) {
    const start = ids.length;
    add(pieces[0].piece.inputs.slice(0, trunk), 0);
    for (const { piece, number } of pieces) {
      const behind = ids.length - trunk; // the row of input i is start + i in the trunk and behind + i after it
      add(piece.inputs, trunk);
      placed.push({ piece: number, first: rows.length });
      const { length } = piece.inputs;
      for (let i = length - piece.predicted.length; i < length; i++) rows.push(i < trunk ? start + i : behind + i);
      for (const id of piece.predicted) targets.push(id);
    }
    trees.push({ start, trunk, endings: pieces.map(({ piece }) => piece.inputs.length - trunk) });
  }
  const batch = {
    ids: Int32Array.from(ids),
    positions: Int32Array.from(positions),
    trees,
    rows: Int32Array.from(rows),
    targets: Int32Array.from(targets),
  };
  return { batch, placed };
}
