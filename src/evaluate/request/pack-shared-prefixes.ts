import type { ScoreBatch, PrefixGroup } from "../../model/inference/score-batch.js";
import type { Request } from "./requests.js";

/** Pieces of one question, whose common beginning is computed once. */
export type RequestGroup = readonly Request[];

/** Where a request's predictions stand: from `first` on, one after the other, in the batch's targets. */
export interface Placed {
  /** Number of the request, counted over all groups. */
  readonly request: number;
  readonly first: number;
}

export interface PackedBatch {
  readonly batch: ScoreBatch;
  readonly placed: readonly Placed[];
}

interface PackedGroup {
  readonly requests: readonly { readonly request: Request; readonly number: number }[];
  readonly prefix: number;
  /** Rows, and predictions. */
  readonly rows: number;
  readonly predictions: number;
}

/**
 * Puts groups into batches in their order, each with at most `maxRows` rows and as many predictions unless a single
 * tree has more. There is no padding, so the order costs nothing; which requests are in a batch depends on them alone.
 */
export function packSharedPrefixes(groups: readonly RequestGroup[], maxRows: number): PackedBatch[] {
  const batches: PackedGroup[][] = [];
  let [rows, predictions] = [Infinity, Infinity];
  let number = 0;
  for (const group of groups) {
    const numbered = group.map((request) => ({ request, number: number++ }));
    for (const group of packed(numbered)) {
      if (rows + group.rows > maxRows || predictions + group.predictions > maxRows) {
        batches.push([]);
        [rows, predictions] = [0, 0];
      }
      batches[batches.length - 1].push(group);
      rows += group.rows;
      predictions += group.predictions;
    }
  }
  return batches.map(packBatch);
}

/** One tree of all requests, the longest first; a tree for each where they have no beginning in common. */
function packed(requests: PackedGroup["requests"]): PackedGroup[] {
  const prefix = commonLength(requests.map(({ request }) => request.inputs));
  const sorted = [...requests].sort((a, b) => b.request.inputs.length - a.request.inputs.length || a.number - b.number);
  if (prefix > 0) return [group(sorted, prefix)];
  return requests.map((request) => group([request], request.request.inputs.length));
}

function group(requests: PackedGroup["requests"], prefix: number): PackedGroup {
  const sum = (count: (request: Request) => number) =>
    requests.reduce((total, { request }) => total + count(request), 0);
  return {
    requests,
    prefix,
    rows: prefix + sum(({ inputs }) => inputs.length - prefix),
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

function packBatch(packed: readonly PackedGroup[]): PackedBatch {
  const ids: number[] = [];
  const positions: number[] = [];
  const rows: number[] = [];
  const targets: number[] = [];
  const groups: PrefixGroup[] = [];
  const placed: Placed[] = [];
  const add = (inputs: readonly number[], from: number) => {
    for (let i = from; i < inputs.length; i++) {
      ids.push(inputs[i]);
      positions.push(i);
    }
  };
  for (const { requests, prefix } of packed) {
    const start = ids.length;
    add(requests[0].request.inputs.slice(0, prefix), 0);
    for (const { request, number } of requests) {
      const behind = ids.length - prefix; // the row of input i is start + i in the prefix and behind + i after it
      add(request.inputs, prefix);
      placed.push({ request: number, first: rows.length });
      const { length } = request.inputs;
      for (let i = length - request.predicted.length; i < length; i++) rows.push(i < prefix ? start + i : behind + i);
      for (const id of request.predicted) targets.push(id);
    }
    groups.push({ start, prefix, continuations: requests.map(({ request }) => request.inputs.length - prefix) });
  }
  const batch = {
    ids: Int32Array.from(ids),
    positions: Int32Array.from(positions),
    groups,
    rows: Int32Array.from(rows),
    targets: Int32Array.from(targets),
  };
  return { batch, placed };
}
