import type { Command } from "commander";
import { registerCancel } from "./run/cancel.js";
import { registerCollect } from "./carry/collect.js";
import { registerCompare } from "./compare.js";
import { registerDashboard } from "./run/dashboard.js";
import { registerDiff } from "./diff.js";
import { registerDoctor } from "./doctor.js";
import { registerEval } from "./eval.js";
import { registerDownload } from "./download.js";
import { registerExport } from "./export.js";
import { registerGenerate } from "./generate.js";
import { registerImport } from "./import.js";
import { registerLogs } from "./run/logs.js";
import { registerMerge } from "./merge.js";
import { registerPack } from "./carry/pack.js";
import { registerPlan } from "./run/plan.js";
import { registerReport } from "./run/report.js";
import { registerRun } from "./run/run.js";
import { registerWork } from "./carry/work.js";
import { registerWorker } from "./run/worker.js";
import { registerSearch } from "./search.js";
import { registerStatus } from "./run/status.js";

/**
 * All commands, in the order of the help. Each adds itself to the program and imports its action only when it runs, so
 * that the program starts fast.
 */
export const commands: readonly ((program: Command) => void)[] = [
  registerRun,
  registerPlan,
  registerStatus,
  registerLogs,
  registerDashboard,
  registerCancel,
  registerReport,
  registerPack,
  registerWork,
  registerCollect,
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
