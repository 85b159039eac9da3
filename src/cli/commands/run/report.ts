import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { quietOption } from "../../options/output-options.js";
import { recipeAndValue, addRecipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerReport(program: Command): void {
  const command = program.command("report").description("rewrite the report of a finished run");
  recipeOptions(addRecipeArgument(command))
    .option("--verify", "verify the outputs of all jobs first, as `strata run` does", false)
    .option("--pdf [file]", "also print it to a PDF by Chromium or Chrome (default: report.pdf in the run's folder)")
    .addOption(quietOption("print only errors"))
    .addHelpText("after", examples("strata report runs/demo", "strata report runs/demo --pdf demo.pdf"))
    .action(async (given, options) => {
      const [recipe, pdf] = recipeAndValue(command, given, options.pdf);
      const { reportCommand } = await import("../../actions/run/report-command.js");
      await reportCommand(recipe, { ...options, pdf });
    });
}
