/** What jobs ask Slurm for, by Slurm's own names where there are any. Absent values are Slurm's or the plan's. */
export interface SlurmSettings {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly reservation?: string;
  readonly constraint?: string;
  readonly gres?: string;
  readonly nodelist?: string;
  readonly exclude?: string;
  /** `MINUTES`, `HOURS:MINUTES:SECONDS` or `DAYS-HOURS:…`. */
  readonly time?: string;
  /** Processors of each job. */
  readonly cpus?: number;
  /** With Slurm's units, such as `4G`. */
  readonly memory?: string;
  /** Temporary disk of the node. */
  readonly tmp?: string;
  /** Jobs of an array that run at the same time. */
  readonly array?: number;
  /** Seconds before the time limit at which a job writes its checkpoint. */
  readonly signalSeconds?: number;
  /** Further options of sbatch, such as `--mail-type=FAIL`. */
  readonly options?: readonly string[];
  /** Lines of the script before the job starts, such as `module load gcc`. */
  readonly prelude?: readonly string[];
}

/** What a job is expected to need, without a margin. */
export interface JobNeeds {
  readonly memoryBytes: number;
  /** With the processors that it asks for. */
  readonly seconds: number;
}

/** What a job asks for. */
export interface JobRequest {
  readonly cpus: number;
  readonly memory: string;
  readonly time: string;
}

/** The plan's memory times this is asked for: estimates leave out what libraries and the system need. */
export const memoryMargin = 1.25;

/** The plan's time times this: nodes may be slower than the machine that measured, and may be shared. */
export const timeMargin = 3;

const leastMemoryBytes = 500e6;
const leastSeconds = 600;

/**
 * The settings where there are some, else the plan's numbers with a margin.
 *
 * @param threads     of the job
 * @param maxSeconds  the time limit of the partition: a job that needs more continues after it
 */
export function requestOf(settings: SlurmSettings, needs: JobNeeds, threads: number, maxSeconds: number): JobRequest {
  const bytes = Math.max(leastMemoryBytes, needs.memoryBytes * memoryMargin);
  const seconds = Math.min(maxSeconds, Math.max(leastSeconds, needs.seconds * timeMargin));
  return {
    cpus: threads,
    memory: settings.memory ?? `${Math.ceil(bytes / 2 ** 20 / 100) * 100}M`,
    time: settings.time ?? formatTime(seconds),
  };
}

/** `DAYS-HOURS:MINUTES:SECONDS`, rounded up to minutes. */
function formatTime(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  const days = Math.floor(minutes / 1440);
  return `${days > 0 ? `${days}-` : ""}${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}:00`;
}

/** Seconds of a time limit in one of Slurm's forms; null for `UNLIMITED` and other texts. */
export function parseTime(text: string): number | null {
  const [, days, first, second, third] = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text) ?? [];
  if (first === undefined) return null;
  const [a, b, c] = [first, second ?? "0", third ?? "0"].map(Number);
  // With days, or three numbers, the first one is hours; else minutes.
  if (days !== undefined) return Number(days) * 86400 + a * 3600 + b * 60 + c;
  return third === undefined ? a * 60 + b : a * 3600 + b * 60 + c;
}
