/**
 * Strata's side of a comparison: sets up one work, then measures on command, with the protocol of bench/peers/peer.py.
 */
import { createInterface } from "node:readline";
import { configureAdapter } from "#strata/cli/environment/configure-adapter.js";
import type { Device } from "#strata/device/kernels.js";
import type { Assignment, Measured, Ready } from "../work.js";
import { prepareGeneration } from "./generation.js";
import { prepareMatmul } from "./matmul.js";
import { openDeviceFor } from "./open-model.js";
import type { Prepared } from "./prepared.js";
import { prepareRegisters } from "./registers.js";
import { prepareScoring } from "./scoring.js";
import { prepareMerges, prepareTokenizing } from "./tokenizing.js";
import { prepareTraining } from "./training.js";

async function prepare(work: Assignment): Promise<Prepared> {
  switch (work.kind) {
    case "tokenizing":
      return prepareTokenizing(work);
    case "learning_merges":
      return prepareMerges(work);
    case "registers":
      return prepareRegisters();
    default:
      return prepareOn(await openDeviceFor(work), work);
  }
}

function prepareOn(
  device: Device,
  work: Exclude<Assignment, { kind: "tokenizing" | "learning_merges" | "registers" }>,
): Promise<Prepared> {
  switch (work.kind) {
    case "matmul":
      return prepareMatmul(device, work);
    case "training":
      return prepareTraining(device, work);
    case "scoring":
      return prepareScoring(device, work);
    case "generation":
      return prepareGeneration(device, work);
  }
}

async function measure({ run }: Prepared, leastSeconds: number): Promise<Measured> {
  const started = performance.now();
  for (let units = 0; ;) {
    units += await run();
    const seconds = (performance.now() - started) / 1000;
    if (seconds >= leastSeconds) return { units, seconds };
  }
}

function reply(value: Ready | Measured): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function main(): Promise<void> {
  configureAdapter();
  let prepared: Prepared | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    if (prepared) {
      reply(await measure(prepared, JSON.parse(line) as number));
      continue;
    }
    const work = JSON.parse(line) as Assignment;
    prepared = await prepare(work);
    reply({ proof: prepared.proof });
  }
}

await main();
