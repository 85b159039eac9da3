import { spawn, type ChildProcess } from "node:child_process";
import { appendToLog } from "../../files/atomic-file.js";
import type { JobReply, JobRequest, WorkerRequest } from "./worker-messages.js";

/** How a worker's work on a job ended. */
export interface JobEnd {
  /** Such as `exit code 1` or `killed by SIGKILL`; of no meaning if the job is done. */
  readonly reason: string;
  /** The failure that the job reported; null if it reported none. */
  readonly failure: string | null;
}

/** A process that executes jobs one after another. */
export interface WorkerProcess {
  /** Whether it can execute another job. */
  readonly isIdle: boolean;
  /**
   * Executes a job; resolves when it is done or, if it fails, when the process has ended.
   *
   * @param log  gets what the process writes to stdout and stderr, such as the last words of a native crash
   */
  execute(request: JobRequest, log: string): Promise<JobEnd>;
  /** Interrupts the job (SIGTERM): it fails, and the process ends. */
  terminate(): void;
  /** Lets an idle process exit. */
  release(): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>;
}

/** Starts `PROGRAM worker`. */
export function startWorker(program: string): WorkerProcess {
  // With --expose-gc, the worker can free a job's buffers before the next job.
  const args = ["--expose-gc", program, "worker"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe", "ipc"], detached: true });
  let log: string | null = null;
  let failure: string | null = null;
  let isUsable = true;
  let finish: ((end: JobEnd) => void) | null = null;
  const end = (reason: string) => {
    const resolve = finish;
    finish = null;
    resolve?.({ reason, failure });
  };
  const keep = (bytes: Buffer) => log !== null && appendToLog(log, bytes);
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", keep);
  child.on("message", (reply: JobReply) => {
    failure = reply.failure;
    isUsable &&= !reply.ends;
    if (failure === null) end("done");
  });
  const ended = endOf(child).finally(() => (isUsable = false));
  void ended.then(end);
  return {
    get isIdle() {
      return isUsable && finish === null;
    },
    execute(request, path) {
      log = path;
      return new Promise((resolve) => {
        finish = resolve;
        // A process that has ended in the meantime reports it by its end.
        child.send(request satisfies WorkerRequest, () => {});
      });
    },
    terminate() {
      isUsable = false;
      child.kill("SIGTERM");
    },
    release() {
      isUsable = false;
      // Not by `disconnect`: Node would then never emit `close`.
      child.send("exit" satisfies WorkerRequest, () => {});
    },
    ended,
  };
}

/** Waits for the exit and for the end of the IPC channel: a message may arrive after the exit. */
async function endOf(child: ChildProcess): Promise<string> {
  const notStarted = new Promise<string>((resolve) => child.once("error", ({ message }) => resolve(message)));
  const disconnected = new Promise((resolve) => child.once("disconnect", resolve));
  const closed = new Promise<string>((resolve) =>
    child.once("close", (code, signal) => resolve(code === null ? `killed by ${signal}` : `exit code ${code}`)),
  );
  return Promise.race([notStarted, disconnected.then(() => closed)]);
}
