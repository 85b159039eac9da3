/** `npm run bench`: ours and PyTorch side by side. How it measures: docs/performance.md. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { createBench, type Bench } from "./compare.js";
import { items, selectItems } from "./items/items.js";
import type { Item } from "./items/item.js";
import { describeMachine } from "./machine.js";
import { dataFolder } from "./paths.js";
import { findPeer } from "./programs.js";
import { formatFigure, formatHeader, formatJson, formatTitles, type Circumstances } from "./table.js";

interface Options {
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
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number above 0 is expected");
  return value;
}

function parseOptions(): Options {
  return new Command("npm run bench --")
    .description("Measures Strata and PyTorch side by side.")
    .addOption(
      new Option("--only <name...>", "these items only; heavy ones run only so")
        .choices(items.map(({ name }) => name))
        .default([]),
    )
    .option("--modes <name...>", "try only these modes of a side that has them, e.g. f32 plain-compile-bf16", [])
    .option("--rounds <count>", "measurements of each side, of which the median counts", wholeNumber, 5)
    .option("--threads <count>", "of each side", wholeNumber, availableParallelism())
    .option("--python <command>", "the Python that has the peers", "python3")
    .option(
      "--tokenizer <folder>",
      "with Llama 3's tokenizer, for the items of that name",
      join(dataFolder, "tokenizers/llama3"),
    )
    .option(
      "--texts <file>",
      "JSONL, also .gz, of documents in the field text, for the same",
      join(dataFolder, "books/classic-books.jsonl.gz"),
    )
    .option("--json", "one JSON object a line")
    .option("--list", "say what there is and measure nothing")
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
  const { threads, rounds, modes, tokenizer, texts } = options;
  const selected = selectItems(options.only);
  const peer = findPeer(options.python, threads);
  const circumstances = { machine: describeMachine(peer?.versions ?? null), threads, rounds };
  const bench = createBench({
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

/** An item that fails does not keep the others from being measured. */
async function report(item: Item, bench: Bench, circumstances: Circumstances, asJson: boolean): Promise<void> {
  try {
    for (const figure of await item.measure(bench))
      console.log(asJson ? formatJson(figure, circumstances) : formatFigure(figure));
  } catch (error) {
    console.error(`${item.name} has failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

await main();
