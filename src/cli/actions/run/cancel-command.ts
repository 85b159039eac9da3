import { describeWriter } from "../../../files/writer.js";
import { cancelRun } from "../../../run/cancel-run.js";
import { plural } from "../../../text/plural.js";
import { exitCodes } from "../../exit-codes.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export async function cancelCommand(path: string, options: RunArguments & { readonly json: boolean }): Promise<void> {
  const { store, folder } = await locateRun(path, options);
  const cancelled = await cancelRun(store, folder);
  const { processes, elsewhere, tasks } = cancelled;
  if (elsewhere.length > 0) {
    process.exitCode = exitCodes.failed;
    const names = elsewhere.map(describeWriter).join(", ");
    process.stderr.write(`Perhaps still at work: ${names}. Run the same command there, or press Ctrl-C there.\n`);
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify(cancelled)}\n`);
    return;
  }
  const stopped = [
    ...(processes.length > 0 ? [processes.map(describeWriter).join(", ")] : []),
    ...(tasks.length > 0 ? [`${plural(tasks.length, "job")} of Slurm`] : []),
  ];
  const what =
    stopped.length > 0 ? `Stopped: ${stopped.join(" and ")}. \`strata run\` resumes.` : "Nothing was running.";
  process.stdout.write(`${what}\n`);
}
