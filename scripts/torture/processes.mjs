// The processes of a run carry a mark in their environment, which children inherit: so a worker that outlived its run,
// and a job of Slurm, is found too.
import { readdirSync, readFileSync } from "node:fs";

/** The environment variable with the mark. */
export const markName = "STRATA_TORTURE_RUN";

/** @returns the process ids whose environment has the mark, without zombies */
export function markedProcesses(mark) {
  const entry = `${markName}=${mark}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(entry))
    .map(Number);
}

/** "" for a process that has ended or belongs to another user. */
function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

/** What a process is, for reports: `run`, `worker`, or the name of its program. */
export function describeProcess(pid) {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.find((word) => word === "worker" || word === "run") ?? words[0].split("/").at(-1);
  } catch {
    return "process that has ended";
  }
}

/** Sends a signal. @returns false if the process has ended in the meantime */
export function signal(pid, name) {
  if (!(pid > 0)) throw new Error(`a process id, not ${pid}: 0 and less are groups of processes`);
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
