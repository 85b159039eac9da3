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
import { union } from "./parts/union.js";
import { windowTree } from "./parts/window-tree.js";
import { breadcrumbsTies } from "./task-vectors/breadcrumbs-ties.js";
import { breadcrumbs } from "./task-vectors/breadcrumbs.js";
import { dareLinear } from "./task-vectors/dare-linear.js";
import { dareTies } from "./task-vectors/dare-ties.js";
import { dellaLinear } from "./task-vectors/della-linear.js";
import { della } from "./task-vectors/della.js";
import { ram } from "./task-vectors/ram.js";
import { ramPlus } from "./task-vectors/ramplus-tl.js";
import { sce } from "./task-vectors/sce.js";
import { taskArithmetic } from "./task-vectors/task-arithmetic.js";
import { ties } from "./task-vectors/ties.js";

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
  taskArithmetic,
  ties,
  dareLinear,
  dareTies,
  della,
  dellaLinear,
  breadcrumbs,
  breadcrumbsTies,
  sce,
  ram,
  ramPlus,
  union,
  windowTree,
];
