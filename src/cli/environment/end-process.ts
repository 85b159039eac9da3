import { loadAddon } from "../../device/cpu/native-addon.js";

/**
 * Flushes stdout and stderr, then ends the process. A normal exit of Node 20 waits for the threads of its JIT compiler
 * and sometimes deadlocks with them (nodejs/node issue 54918).
 */
export async function endProcess(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write("", resolve));
  loadAddon(false).addon?.endProcess(Number(process.exitCode ?? 0));
}
