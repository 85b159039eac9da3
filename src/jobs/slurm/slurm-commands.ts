import { execFile } from "node:child_process";
import { StrataError } from "../../errors/strata-error.js";
import { parseTime } from "./settings.js";

/** What a command of Slurm answered. */
interface Answer {
  readonly out: string;
  readonly err: string;
  readonly failed: boolean;
}

/** Longer waits count as failures that may pass. */
const timeoutMilliseconds = 60_000;

/**
 * @param signal  ends the command, for one that changes nothing in Slurm
 * @throws StrataError if the command does not exist
 * @throws the reason of the signal
 */
export async function askSlurm(command: string, args: readonly string[], signal?: AbortSignal): Promise<Answer> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 28, timeout: timeoutMilliseconds, killSignal: "SIGTERM" as const };
    const child = execFile(command, [...args], options, (error, out, err) => {
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(signal.reason);
      else if ((error as NodeJS.ErrnoException | null)?.code === "ENOENT") reject(noSlurm(command));
      // Ended by us or by somebody else: whether it had an effect is seen in the queue.
      else resolve({ out, err: error?.signal ? `${err}no answer: timed out` : err, failed: error !== null });
    });
    // sbatch would try again for minutes while the queue is full.
    child.stderr?.on("data", (text) => String(text).includes("sleeping and retrying") && child.kill());
    child.stdin?.on("error", () => {});
    child.stdin?.end();
    const end = () => void child.kill("SIGKILL");
    signal?.addEventListener("abort", end);
  });
}

function noSlurm(command: string): StrataError {
  return new StrataError("RunError", {
    where: command,
    expected: "a command of Slurm in PATH",
    got: "none",
    hint: "Run this on a login node of the cluster, or without --slurm (and machine.executor: local) on this machine.",
  });
}

/** Whether the same command may succeed later: the controller does not answer, or the queue has no room. */
export function mayPass(err: string): boolean {
  return (
    /timed out|unable to contact|connection refused|connection reset|transport endpoint|temporarily/i.test(err) ||
    isFull(err)
  );
}

/**
 * Whether a limit on the number of submitted jobs is named, such as `AssocMaxSubmitJobLimit`. The same refusal without
 * a name, "violates accounting/QOS policy", may also mean a size or time that is never accepted.
 */
function isFull(err: string): boolean {
  return /(Max|Grp)Submit\w*|MaxJobCount/i.test(err);
}

/** @param doing  such as `submit a job` */
export function slurmError(command: string, doing: string, err: string): StrataError {
  const text = err.replace(/^\w+: (error|fatal): /gm, "").trim();
  return new StrataError("RunError", {
    where: command,
    expected: `Slurm to ${doing}`,
    got: text === "" ? "a failure without a reason" : text.replaceAll("\n", "; "),
    hint: "Check machine.executor.slurm in the recipe (partition, account, time, memory, …) with sinfo.",
  });
}

/** Version, cluster and partitions; null if Slurm is not installed, a text if it does not answer. */
export async function findSlurm(): Promise<SlurmFacts | string | null> {
  let config: Answer;
  try {
    config = await askSlurm("scontrol", ["show", "config"]);
  } catch {
    return null;
  }
  if (config.failed) return slurmError("scontrol", "answer", config.err).parts.got;
  const value = (name: string) => new RegExp(`^${name}\\s*=\\s*(.*)$`, "m").exec(config.out)?.[1] ?? "";
  const { out } = await askSlurm("sinfo", ["-h", "-o", "%P|%a|%l|%D|%c|%m|%G"]);
  return {
    version: value("SLURM_VERSION"),
    cluster: value("ClusterName"),
    maxArraySize: Number(value("MaxArraySize")) || 1001,
    partitions: out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [name, state, timeLimit, nodes, cpus, memory, gres] = line.split("|");
        return { name, state, timeLimit, nodes, cpus, memory: `${memory} MB`, gres: gres === "(null)" ? "" : gres };
      }),
  };
}

/** Seconds that a partition permits; Infinity without a limit. @param name  undefined for the default one */
export function partitionLimit({ partitions }: SlurmFacts, name: string | undefined): number {
  const own = partitions.find((one) =>
    name === undefined ? one.name.endsWith("*") : one.name.replace("*", "") === name,
  );
  return (own && parseTime(own.timeLimit)) ?? Infinity;
}

export interface SlurmFacts {
  readonly version: string;
  readonly cluster: string;
  /** Task numbers of an array are below this. */
  readonly maxArraySize: number;
  readonly partitions: readonly SlurmPartition[];
}

/** As sinfo prints them: `cpus` and `memory` of a node, perhaps with a `+`. */
export interface SlurmPartition {
  /** With a `*` if it is the default. */
  readonly name: string;
  readonly state: string;
  readonly timeLimit: string;
  readonly nodes: string;
  readonly cpus: string;
  readonly memory: string;
  readonly gres: string;
}
