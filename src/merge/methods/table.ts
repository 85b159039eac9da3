import type { MergeMethod } from "../core/method.js";
import { arceeFusion } from "./averages/arcee-fusion.js";
import { karcher } from "./averages/karcher.js";
import { linear } from "./averages/linear.js";
import { modelStock } from "./averages/model-stock.js";
import { multislerp } from "./averages/multislerp.js";
import { nearswap } from "./averages/nearswap.js";
import { nuslerp } from "./averages/nuslerp.js";
import { passthrough } from "./averages/passthrough.js";
import { slerp } from "./averages/slerp.js";
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

/** All merge methods, in the order in which they are listed. A line here is all that a method needs beside its file. */
export const methodTable: readonly MergeMethod[] = [
  linear,
  slerp,
  nuslerp,
  multislerp,
  karcher,
  modelStock,
  nearswap,
  arceeFusion,
  passthrough,
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
