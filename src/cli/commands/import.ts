import type { Command } from "commander";
import { examples } from "../options/examples.js";
import { jsonOption } from "../options/output-options.js";

export function registerImport(program: Command): void {
  program
    .command("import")
    .description("convert a model of another program")
    .command("llama2c")
    .description("convert a .bin model of llama2.c to a Hugging Face folder")
    .argument("<model>", "model file, such as stories260K.bin")
    .argument("<folder>", "folder to write")
    .option("--tokenizer <file>", "vocabulary of the model, such as tok512.bin")
    .addOption(jsonOption())
    .addHelpText("after", examples("strata import llama2c stories260K.bin my-model --tokenizer tok512.bin"))
    .action(async (model, folder, options) =>
      (await import("../actions/model/import-command.js")).importLlama2cCommand(model, folder, options),
    );
}
