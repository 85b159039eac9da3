import { readRunStatus } from "../../../run/run-status.js";
import { statusText } from "../../view/status-text.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export async function statusCommand(path: string, options: RunArguments & { readonly json: boolean }): Promise<void> {
  const { store, folder } = await locateRun(path, options);
  const status = await readRunStatus(store, folder);
  process.stdout.write(options.json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status));
}
