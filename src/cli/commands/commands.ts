import type { Command } from "commander";
import { registerCancel } from "./cancel.js";
import { registerCompare } from "./compare.js";
import { registerDiff } from "./diff.js";
import { registerDoctor } from "./doctor.js";
import { registerEval } from "./eval.js";
import { registerDownload } from "./download.js";
import { registerExport } from "./export.js";
import { registerGenerate } from "./generate.js";
import { registerImport } from "./import.js";
import { registerLogs } from "./logs.js";
import { registerMerge } from "./merge.js";
import { registerPlan } from "./plan.js";
import { registerReport } from "./report.js";
import { registerRun } from "./run.js";
import { registerWorker } from "./worker.js";
import { registerSearch } from "./search.js";
import { registerStatus } from "./status.js";

/**
 * All commands, in the order of the help. Each adds itself to the program and imports its action only when it runs, so
 * that the program starts fast.
 */
export const commands: readonly ((program: Command) => void)[] = [
  registerRun,
  registerPlan,
  registerStatus,
  registerLogs,
  registerCancel,
  registerReport,
  registerCompare,
  registerSearch,
  registerEval,
  registerDownload,
  registerDoctor,
  registerGenerate,
  registerMerge,
  registerDiff,
  registerImport,
  registerExport,
  registerWorker,
];
