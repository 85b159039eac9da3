import { loadAddon } from "../../device/cpu/native-addon.js";

/**
 * Ends this process, whose work is done, when its output is written. Left to itself, Node 20 waits for its compiler's
 * threads, and at times one of those waits for it, for ever (nodejs/node issue 54918).
 */
export async function endProcess(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write("", resolve));
  loadAddon(false).addon?.endProcess(Number(process.exitCode ?? 0));
}
