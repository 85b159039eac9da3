import { InvalidArgumentError, type Command } from "commander";
import { dashboardPort, loopback } from "../../options/dashboard-options.js";
import { examples } from "../../options/examples.js";

export function registerDashboard(program: Command): void {
  program
    .command("dashboard")
    .description("watch runs in a browser: while they run, after them, and from another machine")
    .argument("[runs...]", "recipes, or folders of runs (default: all in the folder of runs)")
    .option("--runs <folder>", "folder of the runs (default: runs, or around the given ones)")
    .option("--port <number>", "port; 0 for any free one", portOf, dashboardPort)
    .option(
      "--host <address>",
      "address to listen on; with another than this machine's own, pages need a token",
      loopback,
    )
    .addHelpText(
      "after",
      examples(
        "strata dashboard",
        "strata dashboard runs/demo runs/short",
        "strata dashboard runs/demo --host 0.0.0.0 --port 8080",
      ),
    )
    .action(async (paths, options) =>
      (await import("../../actions/run/dashboard-command.js")).dashboardCommand(paths, options),
    );
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new InvalidArgumentError("Expected a whole number from 0 to 65535.");
}
