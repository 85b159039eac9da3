import type { Command } from "commander";
import { examples } from "../options/examples.js";
import { wholeNumber } from "../options/number-option.js";
import { jsonOption, quietOption } from "../options/output-options.js";

export function registerDiff(program: Command): void {
  program
    .command("diff")
    .summary("compare two checkpoints tensor by tensor")
    .description("compare two checkpoints tensor by tensor: which layers moved, and which are identical bit for bit")
    .argument("<a>", "folder of a model, a file of weights, or an id in the hub's cache")
    .argument("<b>", "the same; changes are B − A, and relative to the norm of A")
    .option("--tensors", "list every tensor, not only layers", false)
    .option("--threads <number>", "threads (default: all cores)", wholeNumber(1))
    .addOption(quietOption("print no progress"))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Exit code 0 means that the checkpoints were compared, whether they differ or
not; --json has "identical".
${examples("strata diff base-model merged", "strata diff base-model merged --tensors")}`,
    )
    .action(async (a, b, options) => (await import("../actions/model/diff-command.js")).diffCommand(a, b, options));
}
