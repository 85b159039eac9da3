import { parameters } from "../../model/config/parameters.js";
import { elements } from "../../model/config/parameter-counts.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { isTrained, type Window } from "../../model/config/window.js";

/**
 * What travels from a part to the merge: `f32`, the values of its trained tensors; else their change since the start,
 * rounded to `bf16`, or to whole multiples of a scale per block of 64 elements, −127 … 127 or −7 … 7.
 */
export const exchangeDTypes = ["f32", "bf16", "int8", "int4"] as const;
export type ExchangeDType = (typeof exchangeDTypes)[number];

/** Formats with a scale per block. */
export type BlockDType = Extract<ExchangeDType, `int${number}`>;

/** Consecutive elements of a flat tensor that share a scale; the last block may be shorter. */
export const blockElements = 64;

export function blocksOf(count: number): number {
  return Math.ceil(count / blockElements);
}

/** The largest code. */
export const largestCode: Readonly<Record<BlockDType, number>> = { int8: 127, int4: 7 };

export function isBlockDType(dtype: ExchangeDType): dtype is BlockDType {
  return dtype in largestCode;
}

/** Bytes of `count` codes, without scales: two codes of int4 share a byte. */
export function codeBytes(count: number, dtype: BlockDType): number {
  return dtype === "int8" ? count : Math.ceil(count / 2);
}

/** Bytes that a part of this window sends in one round, without the header of the file. */
export function exchangedBytes(config: ModelConfig, window: Window, dtype: ExchangeDType): number {
  return parameters(config)
    .filter((parameter) => isTrained(parameter, window))
    .reduce((sum, { shape }) => sum + tensorBytes(elements(shape), dtype), 0);
}

function tensorBytes(count: number, dtype: ExchangeDType): number {
  if (isBlockDType(dtype)) return codeBytes(count, dtype) + 2 * blocksOf(count);
  return count * (dtype === "f32" ? 4 : 2);
}
