import type { MergeDType } from "../core/method.js";
import type { StoredDType } from "./input-tensor.js";

/** The dtype in which stored values are read. */
export function readDType(stored: StoredDType | null): MergeDType {
  return stored === null || stored === "f64" ? "f32" : stored;
}
