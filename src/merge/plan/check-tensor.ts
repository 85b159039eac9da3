import type { MergeConfig } from "../config/merge-config.js";
import type { MergeKernels } from "../core/kernels.js";
import { refusingStream } from "../core/random-stream.js";
import type { InputMemory } from "../inputs/input-memory.js";
import type { ReadAhead } from "../inputs/read-ahead.js";
import { tensorToMerge } from "./tensor-to-merge.js";
import type { PlannedTensor } from "./merge-plan.js";

/** Lets the method refuse a tensor before a weight is read. @throws StrataError */
export function checkTensor(tensor: PlannedTensor, config: MergeConfig, isCompatible: boolean): void {
  if (tensor.kind === "copy") return;
  const nothing = { kernels: noKernels, random: noRandom, memory: noMemory, readAhead: noReadAhead };
  const tools = { config, isCompatible, ...nothing, note: () => {} };
  config.method.check?.(tensorToMerge(tensor, tools));
}

const refuse = (): never => {
  throw new Error("a method that only checks a tensor reads it");
};
const noRandom = refusingStream(refuse);
const noMemory: InputMemory = { begin: () => {}, reader: () => refuse };
const noReadAhead: ReadAhead = { reached: refuse };
const noKernels = new Proxy({}, { get: refuse }) as MergeKernels;
