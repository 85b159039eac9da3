import { Option, type Command } from "commander";
import { examples } from "../options/examples.js";
import { exportArguments } from "../options/export-arguments.js";
import { numberFrom } from "../options/number-option.js";
import { quietOption } from "../options/output-options.js";
import { recipeArgument, recipeOptions } from "../options/recipe-options.js";

export function registerExport(program: Command): void {
  const group = program.command("export").description("convert a model, or the metrics of a run, for other programs");
  registerHuggingFace(group);
  registerGguf(group);
  registerTensorboard(group);
}

function registerHuggingFace(group: Command): void {
  exportCommand(group, "hf", "folder", "folder to write, new or empty")
    .summary("write a Hugging Face folder")
    .description("write the model of a strategy, with a model card, or of a folder, as a Hugging Face folder")
    .option("--max-shard-size <gigabytes>", "split larger weights into several files (default: 5)", numberFrom(0))
    .addHelpText(
      "after",
      examples("strata export hf runs/demo slerp-4 my-model", "strata export hf my-model smaller --max-shard-size 1"),
    )
    .action(async (_source, _folder, options, command) => {
      const given = exportArguments(command);
      await (await import("../actions/model/export-command.js")).exportCommand(given, options);
    });
}

function registerGguf(group: Command): void {
  exportCommand(group, "gguf", "file", "file to write, such as model.gguf")
    .summary("write a GGUF file for llama.cpp")
    .description("write the model of a strategy or of a folder, with its tokenizer, as one file for llama.cpp")
    .addOption(
      new Option("--type <type>", "element type of matrices; vectors are f32")
        .choices(["f32", "f16", "bf16", "q8_0"])
        .default("bf16"),
    )
    .option("--name <name>", "name of the model in the file (default: RECIPE-STRATEGY, or that of the folder)")
    .option("--force", "replace an existing file", false)
    .addHelpText(
      "after",
      examples("strata export gguf runs/demo slerp-4 model.gguf", "strata export gguf my-model model.gguf --type q8_0"),
    )
    .action(async (_source, _file, options, command) => {
      const given = exportArguments(command);
      await (await import("../actions/model/export-gguf-command.js")).exportGgufCommand(given, options);
    });
}

function registerTensorboard(group: Command): void {
  const command = group
    .command("tensorboard")
    .summary("write the metrics of a run for TensorBoard")
    .description(
      "write what a run has recorded so far, finished or not, as event files of TensorBoard and as metrics.jsonl: " +
        "a folder for each trained part and each strategy",
    )
    .addArgument(recipeArgument())
    .argument("<folder>", "folder to write: new, empty, or one of an earlier export, which is replaced")
    .option("--force", "write also into a folder with other files, which stay", false)
    .addOption(quietOption("print only errors and what is missing"));
  recipeOptions(command)
    .addHelpText("after", examples("strata export tensorboard runs/demo metrics", "tensorboard --logdir metrics"))
    .action(async (path, folder, options) =>
      (await import("../actions/run/export-tensorboard-command.js")).exportTensorboardCommand(path, folder, options),
    );
}

/** `SOURCE [STRATEGY] OUT`: commander needs required arguments first, so `exportArguments` counts them. */
function exportCommand(group: Command, name: string, out: string, outDescription: string): Command {
  const command = group
    .command(name)
    .usage(`[options] <source> [strategy] <${out}>`)
    .argument(
      "<source>",
      "recipe or folder of a run, followed by one of its strategies (`base`: the model before training); " +
        "or a Hugging Face folder",
    )
    .argument(`<${out}>`, outDescription)
    .allowExcessArguments();
  return recipeOptions(command);
}
