import type { Statement } from "../syntax/nodes.js";
import type { Execute } from "./activation.js";
import type { Frame } from "./frame.js";

/** What statements with a body need of the compiler of statements. */
export interface BodyCompiler {
  readonly body: (statements: readonly Statement[], frame: Frame) => Execute;
}
