#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { version } from "../version.js";
import { commands } from "./commands/commands.js";
import { configureAdapter } from "./environment/configure-adapter.js";
import { configureAddon } from "./environment/configure-addon.js";
import { configureLocks } from "./environment/configure-locks.js";
import { endProcess } from "./environment/end-process.js";
import { exitCodes } from "./exit-codes.js";
import { helpFormat } from "./view/help-format.js";

const program = new Command("strata")
  .description(
    "Train a Llama-type language model in parts without communication, merge the parts, evaluate and report.",
  )
  .version(version, "-V, --version", "print the version")
  .configureHelp(helpFormat)
  .helpOption("-h, --help", "print help")
  .helpCommand("help [command]", "print the help of a command")
  .exitOverride()
  .hook("preAction", (_program, command) => {
    configureLocks(process.env);
    configureAdapter();
    configureAddon(command.opts().quiet === true);
  })
  .addHelpText(
    "after",
    `
Example:
  strata run recipes/demo.yaml

Exit codes:
  0    done
  1    failed
  2    wrong arguments or recipe
  130  interrupted; the same command resumes`,
  );
for (const register of commands) register(program);

// A failed write to stdout must not abort the run; a closed pipe (`| head`) is not an error.
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
    const { describeError } = await import("./view/describe-error.js");
    const { text, exitCode } = describeError(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}
await endProcess();
