/** Asks for the adapter in another process: a driver may write to stderr, or crash the process that loads it. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import type { AdapterReport } from "../../device-kind.js";
import { adapterChoice, type AdapterChoice } from "./adapter-choice.js";
import { missingPackage, packageName } from "./gpu-package.js";

const milliseconds = 20_000;

/** The adapter that the device would use, or why there is none. */
export type ProbedAdapter =
  | { readonly report: AdapterReport; readonly reason: string | null }
  | { readonly report: null; readonly reason: string };

/** Known at once without the package. */
export async function probeAdapter(choice: AdapterChoice = adapterChoice()): Promise<ProbedAdapter> {
  try {
    createRequire(import.meta.url).resolve(packageName);
  } catch {
    return { report: null, reason: missingPackage };
  }
  return (await ask(choice)) ?? { report: null, reason: "a process that loads the driver crashes" };
}

/** The answer of another process; null if it gives none. */
function ask(choice: AdapterChoice): Promise<ProbedAdapter | null> {
  const module = new URL(import.meta.url.replace(/probe-adapter(\.\w+)$/, "find-adapter$1")).href;
  const program = `
    const { findAdapter, reportAdapter } = await import(${JSON.stringify(module)});
    const { found, reason } = await findAdapter(${JSON.stringify(choice)});
    process.send(found === null ? { report: null, reason } : { report: reportAdapter(found), reason: found.reason });
    process.disconnect();`;
  return new Promise((resolve) => {
    let answer: ProbedAdapter | null = null;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      timeout: milliseconds,
      killSignal: "SIGKILL",
    });
    child.on("message", (message) => (answer = message as ProbedAdapter));
    child.on("error", () => resolve(null));
    child.on("close", () => resolve(answer));
  });
}
