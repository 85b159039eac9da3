import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { openDevice } from "#strata/device/open-device.js";
import { version } from "#strata/version.js";
import { repository } from "./paths.js";
import type { BenchDevice } from "./work.js";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly instructionSet: string;
  /** One-minute load average before the first measurement. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Null outside a git checkout. */
  readonly commit: string | null;
}

export async function describeMachine(
  device: BenchDevice,
  peerVersions: Readonly<Record<string, string>> | null,
): Promise<Machine> {
  return {
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    instructionSet: (await openDevice(device, 1, "bf16")).facts.instructionSet,
    load: loadavg()[0],
    versions: { strata: version, node: process.versions.node, ...peerVersions },
    commit: readCommit(),
  };
}

function readCommit(): string | null {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: repository, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const commit = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain") === "" ? commit : `${commit} with changes`;
  } catch {
    return null;
  }
}
