import { syntaxError, unsupported } from "../template-error.js";
import type { Block } from "../syntax/nodes.js";
import type { Value } from "../values/value.js";
import type { Activation, Execute, Run } from "./activation.js";
import type { BodyCompiler } from "./body-compiler.js";
import { readBeforeAssigned, visitAll } from "./find-symbols.js";
import { declareFrame, type Frame, FunctionScope, readVariable } from "./frame.js";
import { Symbols } from "./symbols.js";

/** `{% block name %}`: a separate function that sees only variables that are assigned outside of all blocks. */
export function compileBlock(node: Block, outer: Frame, compiler: BodyCompiler): Execute {
  for (const name of readBeforeAssigned(node.body, ["self", "super"]))
    throw unsupported(`the variable "${name}" in a block`, node.line);
  const scope = new FunctionScope(null);
  const frame: Frame = {
    symbols: new Symbols(null),
    scope,
    topLevel: false,
    soft: false,
    inLoop: false,
    filters: outer.filters,
  };
  visitAll(node.body, frame.symbols);
  const { enter } = declareFrame(frame);
  const body = compiler.body(node.body, frame);
  const locals = node.scoped
    ? [...outer.symbols.stored()].map(([name, variable]) => ({ name, read: readVariable(outer.scope, variable) }))
    : [];
  return (activation, output) => {
    const run = node.scoped ? withLocals(activation, locals) : activation.run;
    const inner = scope.activate({ ...activation, run });
    enter(inner);
    body(inner, output);
    return "none";
  };
}

function withLocals(
  activation: Activation,
  locals: readonly { name: string; read: (activation: Activation) => Value | undefined }[],
): Run {
  const { run } = activation;
  const variables = new Map([...run.variables, ...run.assigned]);
  for (const { name, read } of locals) {
    const value = read(activation);
    if (value !== undefined) variables.set(name, value);
  }
  return { ...run, variables, assigned: new Map() };
}

/** @throws TemplateError if two blocks have the same name */
export function checkBlockNames(blocks: readonly Block[]): void {
  const names = new Set<string>();
  for (const { name, line } of blocks) {
    if (names.has(name)) throw syntaxError(`block '${name}' defined twice`, line);
    names.add(name);
  }
}
