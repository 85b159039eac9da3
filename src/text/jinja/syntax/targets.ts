import type { Expression, NameUse } from "./nodes.js";
import { childrenOf } from "./children.js";
import type { TokenStream } from "./token-stream.js";

const constants = ["true", "false", "none", "True", "False", "None"];

/** Marks the names of a target as assigned. @throws TemplateError if it cannot be assigned */
export function setNameUse<Target extends Expression>(target: Target, use: NameUse, stream: TokenStream): Target {
  const assignable =
    target.kind === "tuple" ||
    target.kind === "namespaceReference" ||
    (target.kind === "name" && !constants.includes(target.name));
  if (!assignable) throw stream.fail(`can't assign to '${target.kind}'`, target.line);
  if (target.kind === "name") target.use = use;
  for (const child of childrenOf(target)) setNameUse(child as Expression, use, stream);
  return target;
}
