#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { deviceNames } from "../device/devices.js";
import { defaultShardBytes } from "../tensor/safetensors-shards.js";
import { version } from "../version.js";
import { configureAddon } from "./environment/configure-addon.js";
import { describeError } from "./view/describe-error.js";
import { endProcess } from "./environment/end-process.js";
import { deviceName } from "./commands/device-option.js";
import { exportArguments } from "./commands/export-arguments.js";
import { numberFrom, wholeNumber } from "./commands/number-option.js";

/** Exit codes: 0 done · 1 something failed · 2 wrong arguments or recipe · 130 interrupted, can go on. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const program = new Command("strata")
  .description("Train a Llama-type language model in parts that never talk, merge the parts, evaluate and report.")
  .version(version)
  .exitOverride()
  .hook("preAction", (_program, command) => configureAddon(command.opts().quiet === true))
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 something failed, 2 wrong arguments or recipe, 130 interrupted (run again to go on).",
  );

const collect = (value: string, before: string[]) => [...before, value];
const recipeOptions = (command: Command) =>
  runOptions(command.argument("<recipe>", "YAML file (see docs/recipe.md), or the folder of a run, such as runs/demo"));
const runOptions = (command: Command) =>
  command
    .option(
      "--set <key=value>",
      "overrides a value of the recipe, e.g. training.learningRate=3e-4 (repeatable)",
      collect,
      [],
    )
    .option(
      "--runs <folder>",
      "where jobs and reports are kept; `runs` by default, for the folder of a run what it lies in",
    )
    .option("--json", "prints JSON for programs", false);

recipeOptions(program.command("run"))
  .description("train, merge, evaluate and report; goes on where an earlier run stopped")
  .option("--quiet", "prints errors only", false)
  .action(async (recipe, options) => (await import("./actions/run-command.js")).runCommand(recipe, options));

recipeOptions(program.command("plan"))
  .description("show jobs, windows, parameters, cost, memory and expected time; trains nothing")
  .action(async (recipe, options) => (await import("./actions/plan-command.js")).planCommand(recipe, options));

recipeOptions(program.command("report"))
  .description("write the report of a finished run anew")
  .option("--quiet", "prints errors only", false)
  .action(async (recipe, options) => (await import("./actions/report-command.js")).reportCommand(recipe, options));

program
  .command("download <id>")
  .description(
    "bring a model or a data set of the Hugging Face hub into its cache; goes on where an earlier download stopped",
  )
  .option("--dataset", "the id is of a data set", false)
  .option("--revision <name>", "branch, tag or commit; main by default")
  .option("--include <pattern>", "only files that match, e.g. '*.safetensors' or data/ (repeatable)", collect, [])
  .option("--exclude <pattern>", "no files that match (repeatable)", collect, [])
  .option("--offline", "use what the cache has, and no network", false)
  .option("--quiet", "prints the folder and errors only", false)
  .option("--json", "prints JSON for programs", false)
  .action(async (id, options) => (await import("./actions/download-command.js")).downloadCommand(id, options));

program
  .command("doctor")
  .description("show devices, instruction sets, threads and memory of this machine")
  .option("--json", "prints JSON for programs", false)
  .action(async (options) => (await import("./actions/doctor-command.js")).doctorCommand(options));

program
  .command("generate")
  .description("continue a prompt with a model")
  .requiredOption("--model <folder>", "Hugging Face folder, or hf:ID or hf:ID@REVISION of the hub")
  .requiredOption("--prompt <text>", "text to continue")
  .option("--max-tokens <n>", "new tokens at most", wholeNumber(1), 128)
  .option("--temperature <t>", "0 takes the likeliest token each time", numberFrom(0), 0)
  .option("--seed <n>", "for temperatures above 0", wholeNumber(0), 1)
  .option("--threads <n>", "threads; all by default", wholeNumber(1))
  .addOption(new Option("--device <name>").choices(deviceNames).argParser(deviceName).default("auto"))
  .addOption(new Option("--dtype <type>", "what matrix products multiply").choices(["bf16", "f32"]).default("bf16"))
  .option("--json", "prints JSON for programs", false)
  .action(async (options) => (await import("./actions/generate-command.js")).generateCommand(options));

program
  .command("import")
  .description("read a model of another program")
  .command("llama2c")
  .description("write a .bin model of llama2.c as a Hugging Face folder")
  .argument("<model>", "the model, such as stories260K.bin")
  .argument("<folder>", "the folder to write")
  .option("--tokenizer <file>", "its vocabulary, such as tok512.bin")
  .option("--json", "prints JSON for programs", false)
  .action(async (model, folder, options) =>
    (await import("./actions/import-command.js")).importLlama2cCommand(model, folder, options),
  );

const exporting = program.command("export").description("write a model for other programs");
/** `SOURCE [STRATEGY] OUT`: commander knows no optional argument before a required one, so the command counts them. */
const exportCommand = (name: string, out: string, outDescription: string) =>
  runOptions(
    exporting
      .command(name)
      .usage(`[options] <source> [strategy] <${out}>`)
      .argument(
        "<source>",
        "recipe, or folder of a run, with a strategy of it (`base` for what they start from); or Hugging Face folder of a model",
      )
      .argument(`<${out}>`, outDescription)
      .allowExcessArguments(),
  );

exportCommand("hf", "folder", "a new folder")
  .description(
    "write the final model of a strategy as a Hugging Face folder, with a model card; or that of a folder anew",
  )
  .option(
    "--max-shard-size <gigabytes>",
    "larger weights are written as several files",
    numberFrom(0),
    defaultShardBytes / 1e9,
  )
  .action(async (_source, _folder, options, command) => {
    const given = exportArguments(command);
    await (await import("./actions/export-command.js")).exportCommand(given, options);
  });

exportCommand("gguf", "file", "the file to write, such as model.gguf")
  .description("write the final model of a strategy, or that of a folder, and its tokenizer as one file for llama.cpp")
  .addOption(
    new Option("--type <type>", "of the matrices; vectors are f32")
      .choices(["f32", "f16", "bf16", "q8_0"])
      .default("bf16"),
  )
  .option("--name <name>", "what readers call the model; RECIPE-STRATEGY or the folder's name by default")
  .option("--force", "replaces a file that is there already", false)
  .action(async (_source, _file, options, command) => {
    const given = exportArguments(command);
    await (await import("./actions/export-gguf-command.js")).exportGgufCommand(given, options);
  });

program
  .command("job <folder>", { hidden: true })
  .requiredOption("--threads <n>", "", wholeNumber(1))
  .requiredOption("--device <name>")
  .action(async (folder, options) => (await import("./actions/job-command.js")).jobCommand(folder, options));

// What cannot be printed ends no work. That who reads it has gone, as `head` does, is no failure either.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.exitCode = exitCodes.failed;
    if (stream === process.stdout) process.stderr.write(`The output could not be written: ${error.message}\n`);
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  else {
    const { text, exitCode } = describeError(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}
await endProcess();
