import { Option, type Command } from "commander";
import { examples } from "../options/examples.js";
import { wholeNumber } from "../options/number-option.js";
import { jsonOption, quietOption } from "../options/output-options.js";

export function registerMerge(program: Command): void {
  const command = program
    .command("merge")
    .summary("merge models as a configuration of mergekit says")
    .description("merge models as a configuration of mergekit says, into a Hugging Face folder")
    .argument("<config>", "configuration of mergekit, in YAML or JSON; models are folders or ids in the hub's cache")
    .argument("<folder>", "folder to write, new or empty")
    .option("--out-shard-size <size>", "bytes per file of weights, with k, m or b for 1000, 1000², 1000³", "5b")
    .option("--random-seed <number>", "seed of the masks of dare and della", wholeNumber(0), 0)
    .option("--mergekit-compat", "do as mergekit does where Strata refuses or is safer by default", false)
    .option("--dry-run", "print the plan and its cost, and write nothing", false)
    .option("--no-copy-tokenizer", "do not copy the tokenizer's files")
    .option("--no-write-model-card", "do not write README.md")
    .option("--allow-crimes", "merge models of different architectures if their tensors fit", false)
    .option("--threads <number>", "threads (default: all cores)", wholeNumber(1))
    .addOption(quietOption("print no progress and no summary"))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Flags of mergekit-yaml that change nothing here are accepted: --lazy-unpickle, --low-cpu-memory, --cuda and others.
${examples("strata merge slerp.yml merged", "strata merge ties.yml merged --dry-run")}`,
    )
    .action(async (config, folder, options) =>
      (await import("../actions/model/merge-command.js")).mergeCommand(config, folder, options),
    );
  // A flag comes before its opposite, which otherwise would set its default.
  for (const flags of [...refused, ...withoutEffect]) command.addOption(new Option(flags).hideHelp());
}

/** Flags of mergekit-yaml for which Strata has no use. */
const withoutEffect = [
  "--copy-tokenizer",
  "--write-model-card",
  "--lazy-unpickle",
  "--no-lazy-unpickle",
  "--low-cpu-memory",
  "--no-low-cpu-memory",
  "--cuda",
  "--no-cuda",
  "--device <name>",
  "--read-to-gpu",
  "--multi-gpu",
  "--gpu-rich",
  "--clone-tensors",
  "--no-clone-tensors",
  "--no-allow-crimes",
  "--no-trust-remote-code",
  "--async-write",
  "--no-async-write",
  "--write-threads <number>",
  "--transformers-cache <folder>",
  "--lora-merge-cache <folder>",
  "-j, --num-threads <number>",
  "-v, --verbose",
];

/** Flags of mergekit-yaml that Strata refuses. */
const refused = [
  "--trust-remote-code",
  "--safe-serialization",
  "--no-safe-serialization",
  "--lora-merge-dtype <dtype>",
];
