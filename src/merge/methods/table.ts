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
];
