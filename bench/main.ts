/** `npm run bench`: Strata and PyTorch side by side. docs/performance.md explains how it measures. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { configureAdapter } from "#strata/cli/environment/configure-adapter.js";
import { createBench, type Bench } from "./compare.js";
import { items, selectItems } from "./items/items.js";
import type { Item } from "./items/item.js";
import { describeMachine } from "./machine.js";
import { dataFolder } from "./paths.js";
import { findPeer } from "./programs.js";
import type { BenchDevice } from "./work.js";
import { formatFigure, formatHeader, formatJson, formatTitles, type Circumstances } from "./table.js";

interface Options {
  readonly device: BenchDevice;
  readonly only: readonly string[];
  readonly modes: readonly string[];
  readonly rounds: number;
  readonly threads: number;
  readonly python: string;
  readonly tokenizer: string;
  readonly texts: string;
  readonly json?: true;
  readonly list?: true;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("expected a whole number above 0");
  return value;
}

function parseOptions(): Options {
  return new Command("npm run bench --")
    .description("Measures Strata and PyTorch side by side.")
    .addOption(
      new Option("--only <name...>", "only these items; heavy items run only if they are named")
        .choices(items.map(({ name }) => name))
        .default([]),
    )
    .option("--modes <name...>", "try only these modes of a side that has them, e.g. f32 plain-compile-bf16", [])
    .option("--rounds <count>", "measurements of each side; the median is reported", wholeNumber, 5)
    .option("--threads <count>", "threads of each side", wholeNumber, availableParallelism())
    .addOption(
      new Option("--device <name>", "Strata's device; beside webgpu the peer computes with CUDA, or is left out")
        .choices(["cpu", "webgpu"])
        .default("cpu"),
    )
    .option("--python <command>", "the Python that has the peers", "python3")
    .option(
      "--tokenizer <folder>",
      "folder of Llama 3's tokenizer, for the tokenizer items",
      join(dataFolder, "tokenizers/llama3"),
    )
    .option(
      "--texts <file>",
      "JSONL (or .jsonl.gz) with documents in the field text, for the tokenizer items",
      join(dataFolder, "books/classic-books.jsonl.gz"),
    )
    .option("--json", "print one JSON object per line")
    .option("--list", "list the items and measure nothing")
    .parse()
    .opts<Options>();
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options.list) {
    for (const { name, what, isHeavy } of items)
      console.log(`${name.padEnd(18)}  ${what}${isHeavy ? " (only when named)" : ""}`);
    return;
  }
  const { device, threads, rounds, modes, tokenizer, texts } = options;
  configureAdapter();
  const selected = selectItems(options.only);
  const peer = findPeer(options.python, threads, device);
  const circumstances = { machine: await describeMachine(device, peer?.versions ?? null), threads, rounds };
  const bench = createBench({
    device,
    threads,
    rounds,
    peer,
    modes,
    sources: { tokenizer, texts },
    onProgress: (text) => console.error(`  ${text}`),
  });
  if (!options.json) console.log(`${formatHeader(circumstances)}\n\n${formatTitles()}`);
  for (const item of selected) await report(item, bench, circumstances, options.json === true);
}

/** An item that fails does not stop the others. */
async function report(item: Item, bench: Bench, circumstances: Circumstances, asJson: boolean): Promise<void> {
  try {
    for (const figure of await item.measure(bench))
      console.log(asJson ? formatJson(figure, circumstances) : formatFigure(figure));
  } catch (error) {
    console.error(`${item.name} failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

await main();
