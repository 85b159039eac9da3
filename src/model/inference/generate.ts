import { openScope } from "../../device/device-scope.js";
import type { DeviceBuffer } from "../../device/kernels.js";
import { checkIds } from "../layers/batch.js";
import { createTokenSampler, type SamplerOptions, type TokenSampler } from "./sample-token.js";
import {
  forwardCached,
  allocatePass,
  copySequence,
  createCache,
  type KeyValueCache,
  type PassBuffers,
} from "./key-value-cache.js";
import type { Model } from "../model.js";
import { minPassRows, passRows, prefill, sharedPrefix } from "./prefill.js";

export interface GenerateOptions extends SamplerOptions {
  readonly maxTokens: number;
  /** Called after each new token of a row, with all its new tokens; true ends the row. */
  readonly stop: (row: number, tokens: readonly number[]) => boolean;
  /** Rows that run together, 1 to 32; the next prompt replaces a finished row (continuous batching). */
  readonly batchSize?: number;
  /** Total positions of the KV cache, to bound its memory; a single row may exceed them. */
  readonly cachePositions?: number;
  /** New tokens of rows that are already generated. */
  readonly known?: ReadonlyMap<number, readonly number[]>;
  /** Called when a row is finished. */
  readonly onEnd?: (row: number, tokens: readonly number[]) => void;
  /** Awaited between steps; an error that it throws aborts the generation. */
  readonly between?: () => Promise<void>;
}

/** Kernels differ for more rows: a row's rounding would depend on the number of other rows. */
const maxRows = 32;

/** An unfinished row; its index in the list of active rows is its sequence in the cache. */
interface ActiveRow {
  readonly row: number;
  readonly tokens: number[];
}

interface Session {
  readonly model: Model;
  readonly options: GenerateOptions;
  readonly prompts: readonly (readonly number[])[];
  /** One sequence per slot, and a last one for the shared prefix if there is one. */
  readonly cache: KeyValueCache;
  /** Largest number of active rows. */
  readonly slots: number;
  /** Tokens that all prompts begin with; prefilled once. */
  readonly prefix: readonly number[];
  readonly buffers: PassBuffers;
  readonly sample: TokenSampler;
}

/**
 * Continues prompts in order, several at once. A row's result does not depend on the other rows.
 *
 * @param prompts  at least one id each
 * @returns the new ids of each row; a row ends before an EOS id, after `maxTokens`, or when `stop` returns true
 * @throws StrataError if a prompt is empty or has an id outside the vocabulary
 */
export async function generate(
  model: Model,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): Promise<number[][]> {
  prompts.forEach((prompt, row) => checkIds(model.config, Int32Array.from(prompt), `prompt ${row}`));
  const out = prompts.map((_, row) => [...(options.known?.get(row) ?? [])]);
  const waiting = prompts.map((_, row) => row).filter((row) => !options.known?.has(row));
  if (waiting.length === 0 || options.maxTokens === 0) return out;
  const scope = openScope(model.device);
  try {
    await run(openSession({ ...model, device: scope.device }, prompts, waiting.length, options), waiting, out);
  } finally {
    scope.close();
  }
  return out;
}

/** Continues the prompts of `waiting`; appends their new tokens to `out`. */
async function run(session: Session, waiting: number[], out: readonly number[][]): Promise<void> {
  await prefillPrefix(session);
  let active: ActiveRow[] = [];
  while (active.length > 0 || waiting.length > 0) {
    const free = session.slots - active.length;
    // A prefill costs as much as several steps, so it waits until a quarter of the slots is free.
    if (waiting.length > 0 && (active.length === 0 || 4 * free >= session.slots)) {
      await startRows(
        session,
        active,
        waiting.splice(0, free).map((row) => ({ row, tokens: out[row] })),
      );
    } else await step(session, active);
    active = removeEnded(session, active);
    await session.options.between?.();
  }
}

function openSession(model: Model, prompts: Session["prompts"], waiting: number, options: GenerateOptions): Session {
  const { batchSize = maxRows, cachePositions = 16384 } = options;
  const prefix = sharedPrefix(prompts);
  const capacity = Math.max(...prompts.map(({ length }) => length)) + options.maxTokens;
  const slots = Math.max(1, Math.min(batchSize, maxRows, waiting, Math.floor(cachePositions / capacity)));
  const tokens = prompts.reduce((sum, { length }) => sum + length, 0);
  return {
    model,
    options,
    prompts,
    slots,
    prefix,
    cache: createCache(model, slots + (prefix.length > 0 ? 1 : 0), capacity),
    buffers: allocatePass(model, Math.max(minPassRows, Math.min(passRows, tokens)), slots),
    sample: createTokenSampler(model, options, slots),
  };
}

async function prefillPrefix({ cache, buffers, prefix }: Session): Promise<void> {
  if (prefix.length > 0) await prefill(cache, buffers, [{ sequence: cache.B - 1, prompt: prefix }], 0, async () => {});
}

/** Prefills new rows into the sequences after the active ones and samples their first tokens. */
async function startRows(session: Session, active: ActiveRow[], added: readonly ActiveRow[]): Promise<void> {
  const { cache, buffers, prompts, prefix } = session;
  const placed = added.map(({ row }, i) => ({ sequence: active.length + i, prompt: prompts[row] }));
  active.push(...added);
  await prefill(cache, buffers, placed, prefix.length, (normed, ended) =>
    addTokens(
      session,
      normed,
      ended.map((index) => added[index]),
    ),
  );
}

/** Samples one more token for every active row. */
async function step(session: Session, active: readonly ActiveRow[]): Promise<void> {
  const { cache, buffers, prompts } = session;
  const ids = Int32Array.from(active, ({ tokens }) => tokens[tokens.length - 1]);
  const starts = active.map(({ row, tokens }) => prompts[row].length + tokens.length - 1);
  const normed = forwardCached(
    cache,
    buffers,
    ids,
    starts.map((start, sequence) => ({ sequence, start, count: 1 })),
    active.map((_, b) => b),
  );
  await addTokens(session, normed, active);
}

/** Samples the next tokens of `members`. @param normed  [rows, D], what the head reads */
async function addTokens({ sample }: Session, normed: DeviceBuffer, members: readonly ActiveRow[]): Promise<void> {
  if (members.length === 0) return;
  const next = await sample(
    normed,
    members.map(({ row, tokens }) => ({ row, generated: tokens.length })),
  );
  members.forEach(({ tokens }, i) => tokens.push(next[i]));
}

/** Removes finished rows; rows from the end of the list move into their sequences. */
function removeEnded({ model, options, prompts, cache }: Session, active: readonly ActiveRow[]): ActiveRow[] {
  const remaining = [...active];
  for (let b = remaining.length - 1; b >= 0; b--) {
    const { row, tokens } = remaining[b];
    if (!hasEnded(model, options, row, tokens)) continue;
    options.onEnd?.(row, tokens);
    const moved = remaining.pop() as ActiveRow;
    if (b === remaining.length) continue;
    copySequence(cache, remaining.length, b, prompts[moved.row].length + moved.tokens.length - 1);
    remaining[b] = moved;
  }
  return remaining;
}

/** Whether a row is finished after a new token; removes an EOS id. */
function hasEnded({ config }: Model, { stop, maxTokens }: GenerateOptions, row: number, tokens: number[]): boolean {
  if (config.eosIds.includes(tokens[tokens.length - 1])) {
    tokens.pop();
    return true;
  }
  return stop(row, tokens) || tokens.length === maxTokens;
}
