import type { MergeMethod } from "../core/method.js";
import { breadcrumbsTiesMethod } from "./task-vectors/breadcrumbs-ties.js";
import { breadcrumbsMethod } from "./task-vectors/breadcrumbs.js";
import { dareLinearMethod } from "./task-vectors/dare-linear.js";
import { dareTiesMethod } from "./task-vectors/dare-ties.js";
import { dellaLinearMethod } from "./task-vectors/della-linear.js";
import { dellaMethod } from "./task-vectors/della.js";
import { ramMethod } from "./task-vectors/ram.js";
import { ramPlusMethod } from "./task-vectors/ramplus-tl.js";
import { sceMethod } from "./task-vectors/sce.js";
import { taskArithmeticMethod } from "./task-vectors/task-arithmetic.js";
import { tiesMethod } from "./task-vectors/ties.js";

/** Every merge method that a configuration can name. */
export const methodTable: readonly MergeMethod[] = [
  taskArithmeticMethod,
  tiesMethod,
  dareLinearMethod,
  dareTiesMethod,
  dellaMethod,
  dellaLinearMethod,
  breadcrumbsMethod,
  breadcrumbsTiesMethod,
  sceMethod,
  ramMethod,
  ramPlusMethod,
];
