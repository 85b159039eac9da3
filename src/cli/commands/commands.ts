import type { Command } from "commander";
import { registerCollect } from "./collect.js";
import { registerCompare } from "./compare.js";
import { registerDiff } from "./diff.js";
import { registerDoctor } from "./doctor.js";
import { registerEval } from "./eval.js";
import { registerDownload } from "./download.js";
import { registerExport } from "./export.js";
import { registerGenerate } from "./generate.js";
import { registerImport } from "./import.js";
import { registerMerge } from "./merge.js";
import { registerPack } from "./pack.js";
import { registerPlan } from "./plan.js";
import { registerReport } from "./report.js";
import { registerRun } from "./run.js";
import { registerWork } from "./work.js";
import { registerWorker } from "./worker.js";
import { registerSearch } from "./search.js";

/**
 * All commands, in the order of the help. Each adds itself to the program and imports its action only when it runs, so
 * that the program starts fast.
 */
export const commands: readonly ((program: Command) => void)[] = [
  registerRun,
  registerPlan,
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
