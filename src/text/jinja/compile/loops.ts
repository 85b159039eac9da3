import { descendantsOf } from "../syntax/children.js";
import type { For } from "../syntax/nodes.js";
import { syntaxError } from "../template-error.js";
import { iterate } from "../values/iterate.js";
import { isTrue } from "../values/types.js";
import type { Value } from "../values/value.js";
import { type Activation, type Evaluate, type Execute, Output } from "./activation.js";
import { type Assign, compileTarget, compileTargetValue } from "./assignments.js";
import type { BodyCompiler } from "./body-compiler.js";
import { compileExpression } from "./expressions.js";
import { readBeforeAssigned, visitLoop } from "./find-symbols.js";
import { declareFrame, type Frame, type FrameBounds, FunctionScope, innerFrame } from "./frame.js";
import { Loop, type RecursiveLoop } from "./loop-context.js";

type FilterItems = (activation: Activation, items: Iterable<Value>) => Iterable<Value>;

interface LoopParts {
  readonly assign: Assign;
  /** Sets the variable `loop`; null if the body does not read it. */
  readonly setLoop: ((activation: Activation, loop: Value) => void) | null;
  readonly bounds: FrameBounds;
  readonly body: Execute;
  readonly otherwise: Execute | null;
  /** Keeps the items that pass the condition; null without one. */
  readonly filter: FilterItems | null;
}

export function compileFor(node: For, frame: Frame, compiler: BodyCompiler): Execute {
  for (const inner of descendantsOf(node))
    if (inner.kind === "name" && inner.use === "store" && inner.name === "loop")
      throw syntaxError("Can't assign to special loop variable in for-loop target", inner.line);
  const iterable = compileExpression(node.iterable, frame);
  return node.recursive
    ? compileRecursive(node, frame, iterable, compiler)
    : compileSimple(node, frame, iterable, compiler);
}

function compileSimple(node: For, frame: Frame, iterable: Evaluate, compiler: BodyCompiler): Execute {
  const parts = compileParts(node, frame, frame.scope, compiler);
  return (activation, output) => {
    const run = runLoop(parts, activation, activation, output, null);
    return run(iterable(activation), 0);
  };
}

function compileRecursive(node: For, frame: Frame, iterable: Evaluate, compiler: BodyCompiler): Execute {
  const scope = new FunctionScope(frame.scope);
  const parts = compileParts(node, frame, scope, compiler);
  return (outer, output) => {
    const recurse: RecursiveLoop = (items, depth) => {
      const inner = new Output();
      runLoop(parts, scope.activate(outer), outer, inner, recurse)(items, depth);
      return inner.text;
    };
    output.text += recurse(iterable(outer), 0);
    return "none";
  };
}

function compileParts(node: For, frame: Frame, scope: FunctionScope, compiler: BodyCompiler): LoopParts {
  const loopFrame = innerFrame(frame, scope, true);
  const readsLoop =
    node.recursive ||
    readBeforeAssigned(node.body, ["loop"]).has("loop") ||
    [...descendantsOf(node)].some((inner) => inner.kind === "block" && inner.scoped);
  if (readsLoop) loopFrame.symbols.parameter("loop");
  visitLoop(node, "body", loopFrame.symbols);
  const bounds = declareFrame(loopFrame);
  return {
    assign: compileTarget(node.target, loopFrame),
    setLoop: readsLoop ? compileTarget({ kind: "name", name: "loop", use: "store", line: node.line }, loopFrame) : null,
    bounds,
    body: compiler.body(node.body, loopFrame),
    otherwise: compileOtherwise(node, frame, scope, compiler),
    filter: compileCondition(node, frame),
  };
}

function compileOtherwise(node: For, frame: Frame, scope: FunctionScope, compiler: BodyCompiler): Execute | null {
  if (node.otherwise.length === 0) return null;
  const inner = innerFrame(frame, scope, scope === frame.scope && frame.inLoop);
  visitLoop(node, "otherwise", inner.symbols);
  const { enter, leave } = declareFrame(inner);
  const body = compiler.body(node.otherwise, inner);
  return (activation, output) => {
    enter(activation);
    const signal = body(activation, output);
    leave(activation);
    return signal;
  };
}

/** The condition of a loop runs in a separate function, item by item. */
function compileCondition(node: For, frame: Frame): FilterItems | null {
  if (node.test === null) return null;
  const scope = new FunctionScope(frame.scope);
  const inner = innerFrame(frame, scope, false);
  visitLoop(node, "test", inner.symbols);
  const { enter } = declareFrame(inner);
  const assign = compileTarget(node.target, inner);
  const passes = compileExpression(node.test, inner);
  const item = compileTargetValue(node.target, inner);
  return function* (outer, items) {
    const activation = scope.activate(outer);
    enter(activation);
    for (const each of items) {
      assign(activation, each);
      if (isTrue(passes(activation))) yield item(activation);
    }
  };
}

/** @param outer  the activation around the loop, in which its condition runs */
function runLoop(
  { assign, setLoop, bounds, body, otherwise, filter }: LoopParts,
  activation: Activation,
  outer: Activation,
  output: Output,
  recurse: RecursiveLoop | null,
): (items: Value, depth: number) => ReturnType<Execute> {
  return (items, depth) => {
    const all = iterate(items);
    const kept = filter === null ? all : filter(outer, all);
    // As in Jinja, the `else` part also runs if every iteration ended early.
    let isUnfinished = true;
    const iteration = (item: Value, loop: Value): boolean => {
      assign(activation, item);
      if (setLoop !== null) setLoop(activation, loop);
      bounds.enter(activation);
      const signal = body(activation, output);
      if (signal === "none") isUnfinished = false;
      return signal !== "break";
    };
    if (setLoop === null) {
      for (const item of kept) if (!iteration(item, null)) break;
    } else {
      const loop = new Loop(kept, filter === null ? items : null, depth, recurse);
      for (let item = loop.advance(); item !== undefined; item = loop.advance())
        if (!iteration(item, loop.object)) break;
    }
    bounds.leave(activation);
    return otherwise !== null && isUnfinished ? otherwise(activation, output) : "none";
  };
}
