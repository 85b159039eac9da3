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
  /** Called after each new token of a row with all its new tokens; true ends the row. */
  readonly stop: (row: number, tokens: readonly number[]) => boolean;
  /** Rows that run together, 1 to 32; a row that ends makes room for the next prompt. */
  readonly batchSize?: number;
  /** Positions of the cache in all, which bound its memory; a single row may exceed them. */
  readonly cachePositions?: number;
  /** Rows whose new tokens are known already. */
  readonly known?: ReadonlyMap<number, readonly number[]>;
  /** Called when a row has ended. */
  readonly onEnd?: (row: number, tokens: readonly number[]) => void;
  /** Awaited between steps; what it throws ends the generation. */
  readonly between?: () => Promise<void>;
}

/** More rows in a step would meet other kernels, so that a row's rounding would depend on the others. */
const maxRows = 32;

/** A row that runs; it lies in the cache's sequence of its place in the list. */
interface Running {
  readonly row: number;
  readonly tokens: number[];
}

interface Session {
  readonly model: Model;
  readonly options: GenerateOptions;
  readonly prompts: readonly (readonly number[])[];
  /** A sequence for each row that may run, and one for the prefix if there is one. */
  readonly cache: KeyValueCache;
  readonly slots: number;
  /** Tokens that all prompts begin with, read once. */
  readonly prefix: readonly number[];
  readonly buffers: PassBuffers;
  readonly choose: TokenSampler;
}

/**
 * Continues prompts, in order, many at a time. A row's result does not depend on the other rows.
 *
 * @param prompts  at least one id each
 * @returns the new ids of each row; a row ends before an end-of-sequence id, after `maxTokens`, or where `stop` says so
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

/** Continues the prompts of `waiting`; their new tokens go to `out`. */
async function run(session: Session, waiting: number[], out: readonly number[][]): Promise<void> {
  await readPrefix(session);
  let running: Running[] = [];
  while (running.length > 0 || waiting.length > 0) {
    const free = session.slots - running.length;
    // Reading a prompt costs as much as several steps, so a few are read together.
    if (waiting.length > 0 && (running.length === 0 || 4 * free >= session.slots)) {
      await start(
        session,
        running,
        waiting.splice(0, free).map((row) => ({ row, tokens: out[row] })),
      );
    } else await step(session, running);
    running = removeEnded(session, running);
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
    choose: createTokenSampler(model, options, slots),
  };
}

async function readPrefix({ cache, buffers, prefix }: Session): Promise<void> {
  if (prefix.length > 0) await prefill(cache, buffers, [{ sequence: cache.B - 1, prompt: prefix }], 0, async () => {});
}

/** Reads the prompts of new rows, which take the sequences behind those that run, and gives each its first token. */
async function start(session: Session, running: Running[], added: readonly Running[]): Promise<void> {
  const { cache, buffers, prompts, prefix } = session;
  const placed = added.map(({ row }, i) => ({ sequence: running.length + i, prompt: prompts[row] }));
  running.push(...added);
  await prefill(cache, buffers, placed, prefix.length, (normed, ended) =>
    addTokens(
      session,
      normed,
      ended.map((number) => added[number]),
    ),
  );
}

/** One more token for every row that runs. */
async function step(session: Session, running: readonly Running[]): Promise<void> {
  const { cache, buffers, prompts } = session;
  const ids = Int32Array.from(running, ({ tokens }) => tokens[tokens.length - 1]);
  const starts = running.map(({ row, tokens }) => prompts[row].length + tokens.length - 1);
  const normed = forwardCached(
    cache,
    buffers,
    ids,
    starts.map((start, sequence) => ({ sequence, start, count: 1 })),
    running.map((_, b) => b),
  );
  await addTokens(session, normed, running);
}

/** Chooses the next tokens of `members` from what the last pass gives for the head. */
async function addTokens({ choose }: Session, normed: DeviceBuffer, members: readonly Running[]): Promise<void> {
  if (members.length === 0) return;
  const next = await choose(
    normed,
    members.map(({ row, tokens }) => ({ row, drawn: tokens.length })),
  );
  members.forEach(({ tokens }, i) => tokens.push(next[i]));
}

/** Takes out the rows that have ended; rows from the end of the list take their sequences. */
function removeEnded({ model, options, prompts, cache }: Session, running: readonly Running[]): Running[] {
  const left = [...running];
  for (let b = left.length - 1; b >= 0; b--) {
    const { row, tokens } = left[b];
    if (!hasEnded(model, options, row, tokens)) continue;
    options.onEnd?.(row, tokens);
    const moved = left.pop() as Running;
    if (b === left.length) continue;
    copySequence(cache, left.length, b, prompts[moved.row].length + moved.tokens.length - 1);
    left[b] = moved;
  }
  return left;
}

/** After a new token; an end-of-sequence id is taken away. */
function hasEnded({ config }: Model, { stop, maxTokens }: GenerateOptions, row: number, tokens: number[]): boolean {
  if (config.eosIds.includes(tokens[tokens.length - 1])) {
    tokens.pop();
    return true;
  }
  return stop(row, tokens) || tokens.length === maxTokens;
}
