import { z } from "zod";
import { deviceNames } from "../../device/devices.js";
import { instructionsNames } from "../../device/instructions.js";
import { count, countUpTo, oneOf, text, whole } from "./values.js";

/** Of the CPU device. */
const maxThreads = 1024;

const threads = () =>
  z
    .union([countUpTo(maxThreads, " or auto"), z.literal("auto")], { error: "a whole number of at least 1 or auto" })
    .default("auto");

/** An option of Slurm, passed through. */
const passed = (expected: string, description: string) => line(expected).optional().describe(description);

/** One line, because it becomes a line of a script. */
function line(expected: string) {
  return text(expected).regex(/^[^\n\r]+$/, { error: expected });
}

const timePattern = /^(\d+-)?\d+(:\d+){0,2}$/;

const slurm = z
  .strictObject(
    {
      partition: passed("the name of a partition", "Partition; default: the cluster's."),
      account: passed("the name of an account", "Account that is charged."),
      qos: passed("a quality of service", "Quality of service."),
      reservation: passed("the name of a reservation", "Reservation."),
      constraint: passed("features of nodes", "Features that nodes must have, such as `amx`."),
      gres: passed("generic resources", "Generic resources of each job, such as `gpu:1`."),
      nodelist: passed("names of nodes", "Nodes to use."),
      exclude: passed("names of nodes", "Nodes not to use."),
      time: z
        .union([count(), z.string().regex(timePattern)], { error: "minutes, or a time such as 2-12:00:00" })
        .transform(String)
        .optional()
        .describe(
          "Time limit of each job: minutes, or Slurm's DAYS-HOURS:MINUTES:SECONDS. Default: 3 times the plan's " +
            "estimate, at least 10 minutes. A job that reaches it writes a checkpoint and is queued again.",
        ),
      cpus: countUpTo(maxThreads)
        .optional()
        .describe("Processors, and threads, of each job; default: `machine.threads`, else 1."),
      memory: z
        .union([count(), z.string().regex(/^\d+[KMGT]?$/)], { error: "memory, such as 4G" })
        .transform(String)
        .optional()
        .describe("Memory of each job, in MB or such as `4G`. Default: 1.25 times the plan's estimate."),
      tmp: passed(
        "disk, such as 10G",
        "Temporary disk that nodes must have. The files of a run are in its own folder.",
      ),
      array: count().optional().describe("Jobs of an array, such as the parts of a round, that run at the same time."),
      signalSeconds: whole(1)
        .optional()
        .describe(
          "Seconds before the time limit at which a checkpoint is written; default: 120, or half of the limit.",
        ),
      options: z
        .array(line("an option of sbatch, such as --mail-type=FAIL").regex(/^-/, { error: "an option of sbatch" }), {
          error: "a list of options",
        })
        .optional()
        .describe("Further options of sbatch, such as `--mail-type=FAIL`."),
      prelude: z
        .union([text("lines of a shell script"), z.array(line("a line of a shell script"))], {
          error: "lines of a shell script, as a text or a list",
        })
        .transform((written) => (typeof written === "string" ? written.split("\n") : written))
        .optional()
        .describe("Lines of the script before a job starts, such as `module load node`."),
    },
    { error: "a mapping" },
  )
  .describe("The cluster of the machine where the run starts; jobs are submitted with sbatch.");

export const machine = z
  .strictObject(
    {
      device: oneOf(...deviceNames)
        .default("auto")
        .describe(
          "`cpu`: the C++ addon; `webgpu`: a graphics adapter (see docs/gpu.md); `reference`: plain TypeScript; " +
            "`auto`: `cpu` or `webgpu`, whichever multiplies faster.",
        ),
      instructions: oneOf(...instructionsNames)
        .default("auto")
        .describe(
          "Instruction set by which the cpu device multiplies; `auto`: the fastest of the processor, measured where " +
            "it can multiply in several ways. Machines with the same one give the same bytes. A processor that lacks " +
            "it emulates it, slowly.",
        ),
      threads: threads().describe("Threads per job."),
      parallel: threads().describe("Jobs that run in parallel on this machine; Slurm decides it on a cluster."),
      executor: z
        .union(
          [
            z.literal("local"),
            z.literal("slurm").transform((): { slurm: z.output<typeof slurm> } => ({ slurm: {} })),
            z.strictObject({ slurm }),
          ],
          { error: "local, slurm, or a mapping with slurm" },
        )
        .default("local")
        .describe("Where jobs run: `local`, `slurm`, or `slurm: {…}` with settings (see docs/cluster.md)."),
    },
    { error: "a mapping" },
  )
  .prefault({})
  .describe("How machines are used. Only `instructions` changes results, by rounding.");
