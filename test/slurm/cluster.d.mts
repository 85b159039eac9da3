export type DaemonName = "munged" | "slurmctld" | "slurmd";

export interface ClusterOptions {
  /** Cores that the node claims to have; by default 8. */
  readonly cpus?: number;
  /** Pretend GPUs, 0 to 4; by default 4. Jobs get CUDA_VISIBLE_DEVICES. */
  readonly gpus?: number;
  /** By default 4000. */
  readonly memoryMegabytes?: number;
  /** Between SIGTERM and SIGKILL of a cancelled job; by default 5. */
  readonly killWaitSeconds?: number;
}

export interface Cluster {
  readonly folder: string;
  /** The name of the only node. */
  readonly host: string;
  /** For programs that call sbatch and the like: PATH and SLURM_CONF. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a client, for example `run("sbatch", ["--parsable", "--wrap", "true"])`. @returns its stdout, trimmed */
  run(program: string, args?: readonly string[]): string;
  /** Of the daemons that were started and not stopped. */
  pids(): Partial<Record<DaemonName, number>>;
  /**
   * Starts a daemon again after `stopDaemon`; jobs that it knew continue. A controller that ended by SIGKILL knows only
   * what it had saved, which it does every five seconds: later jobs are unknown to it, though they may run.
   */
  startDaemon(name: DaemonName): Promise<void>;
  stopDaemon(name: DaemonName, signal?: NodeJS.Signals): Promise<void>;
  /** Waits until no job is pending, running or completing. @returns whether that was so in time */
  waitForJobs(seconds: number): Promise<boolean>;
  /** Cancels all jobs and ends the daemons. */
  stop(): Promise<void>;
}

/** @returns why no cluster can be started here, or null */
export function skipReason(): string | null;

/**
 * Starts a Slurm of one node and waits until the node is idle.
 *
 * @param folder  an empty folder with an absolute path of at most 80 characters
 * @throws Error with the end of a daemon's output, if it does not start
 */
export function startCluster(folder: string, options?: ClusterOptions): Promise<Cluster>;
