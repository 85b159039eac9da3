import type { ScoreBatch, PrefixGroup } from "../../model/inference/score-batch.js";
import type { Request } from "./requests.js";

/** The requests of one item. Their common prefix is computed once. */
export type RequestGroup = readonly Request[];

/** Where the predictions of a request are in the batch's targets: consecutive, starting at `first`. */
export interface Placed {
  /** Index of the request among those of all groups. */
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
  /** Rows of the forward pass. */
  readonly rows: number;
  readonly predictions: number;
}

/**
 * Packs groups into batches, in order. A batch has at most `maxRows` rows and at most `maxRows` predictions, unless a
 * single group has more. There is no padding, so the order of the groups does not affect the cost. The batches depend
 * only on the requests and `maxRows`.
 */
export function packSharedPrefixes(groups: readonly RequestGroup[], maxRows: number): PackedBatch[] {
  const batches: PackedGroup[][] = [];
  let [rows, predictions] = [Infinity, Infinity];
  let number = 0;
  for (const group of groups) {
    const numbered = group.map((request) => ({ request, number: number++ }));
    for (const packed of packGroup(numbered)) {
      if (rows + packed.rows > maxRows || predictions + packed.predictions > maxRows) {
        batches.push([]);
        [rows, predictions] = [0, 0];
      }
      batches[batches.length - 1].push(packed);
      rows += packed.rows;
      predictions += packed.predictions;
    }
  }
  return batches.map(packBatch);
}

/** One group of all requests, the longest first; or one group per request if they have no common prefix. */
function packGroup(requests: PackedGroup["requests"]): PackedGroup[] {
  const prefix = commonLength(requests.map(({ request }) => request.inputs));
  const sorted = [...requests].sort((a, b) => b.request.inputs.length - a.request.inputs.length || a.number - b.number);
  if (prefix > 0) return [withPrefix(sorted, prefix)];
  return requests.map((request) => withPrefix([request], request.request.inputs.length));
}

function withPrefix(requests: PackedGroup["requests"], prefix: number): PackedGroup {
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
      const offset = ids.length - prefix; // the row of input i is start + i in the prefix and offset + i after it
      add(request.inputs, prefix);
      placed.push({ request: number, first: rows.length });
      const { length } = request.inputs;
      for (let i = length - request.predicted.length; i < length; i++) rows.push(i < prefix ? start + i : offset + i);
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
