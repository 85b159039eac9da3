import type { Command } from "commander";
import { collect } from "../options/collect.js";
import { examples } from "../options/examples.js";
import { jsonOption, quietOption } from "../options/output-options.js";

export function registerDownload(program: Command): void {
  program
    .command("download")
    .description("download a Hugging Face model or data set to the hub's cache; resumes an interrupted download")
    .argument("<id>", "repository on the hub, such as HuggingFaceTB/SmolLM2-135M")
    .option("--dataset", "download a data set instead of a model", false)
    .option("--revision <name>", "branch, tag or commit (default: main)")
    .option("--include <pattern>", "only matching files, such as '*.safetensors' or data/ (repeatable)", collect, [])
    .option("--exclude <pattern>", "no matching files (repeatable)", collect, [])
    .option("--offline", "use only the cache, not the network", false)
    .addOption(quietOption("print only the folder and errors"))
    .addOption(jsonOption())
    .addHelpText("after", examples("strata download openai/gsm8k --dataset --include 'main/*.parquet'"))
    .action(async (id, options) => (await import("../actions/download-command.js")).downloadCommand(id, options));
}
