import type { Command } from "commander";
import { examples } from "../options/examples.js";
import { jsonOption } from "../options/output-options.js";

export function registerCompare(program: Command): void {
  program
    .command("compare")
    .description("show finished runs side by side, and what differs between their recipes")
    .argument("<run...>", "folders of runs, such as runs/demo, or their recipes")
    .option("--evaluation <name>", "evaluation to show (default: the first one)")
    .option("--metric <name>", "metric of the evaluation (default: its primary metric)")
    .option("--csv <file>", "also write a CSV file")
    .option("--runs <folder>", "folder of jobs and reports (default: runs, or the parent of a run's folder)")
    .addOption(jsonOption())
    .addHelpText("after", examples("strata compare runs/demo runs/mine --csv both.csv"))
    .action(async (runs, options) => (await import("../actions/compare-command.js")).compareCommand(runs, options));
}
