import { callValue } from "../operators/access.js";
import type { CallBlock, Expression, Filter, If, Output as OutputNode, Statement } from "../syntax/nodes.js";
import { syntaxError } from "../template-error.js";
import { lengthOf } from "../values/code-points.js";
import { noArguments } from "../values/functions.js";
import { toText } from "../values/text.js";
import { isTrue } from "../values/types.js";
import type { Value } from "../values/value.js";
import { type Evaluate, type Execute, Output, present } from "./activation.js";
import { compileNamespaceCheck, compileTarget } from "./assignments.js";
import { compileBlock } from "./blocks.js";
import type { BodyCompiler } from "./body-compiler.js";
import { compileCall, compileFilter } from "./calls.js";
import { compileExpression } from "./expressions.js";
import { visitAll } from "./find-symbols.js";
import { declareFrame, type Frame, innerFrame } from "./frame.js";
import { compileFor } from "./loops.js";
import { compileMacro } from "./macros.js";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

/** Compiles statements that run one after the other. */
export function compileBody(statements: readonly Statement[], frame: Frame): Execute {
  const steps = statements.map((statement) => compileStatement(statement, frame));
  if (steps.length === 1) return steps[0];
  return (activation, output) => {
    for (const step of steps) {
      const signal = step(activation, output);
      if (signal !== "none") return signal;
    }
    return "none";
  };
}

const compiler: BodyCompiler = { body: compileBody };

function compileStatement(node: Statement, frame: Frame): Execute {
  switch (node.kind) {
    case "output":
      return compileOutput(node, frame);
    case "for":
      return compileFor(node, frame, compiler);
    case "if":
      return compileIf(node, { ...frame, soft: true });
    case "assign":
      return compileAssign(node, frame);
    case "assignBlock":
      return compileAssignBlock(node, frame);
    case "with":
      return compileWith(node, frame);
    case "filterBlock":
      return compileFilterBlock(node, frame);
    case "macro": {
      const macro = compileMacro(node, frame, compiler);
      const target = { kind: "name", name: node.name, use: "store", line: node.line } as const;
      const assign = compileTarget(target, frame, frame.topLevel);
      return (activation) => {
        assign(activation, macro(activation));
        return "none";
      };
    }
    case "callBlock":
      return compileCallBlock(node, frame);
    case "block":
      return compileBlock(node, frame, compiler);
    case "break":
    case "continue": {
      if (!frame.inLoop) throw syntaxError(`'${node.kind}' outside loop`, node.line);
      return () => node.kind;
    }
  }
}

function compileOutput({ items, line: firstLine }: OutputNode, frame: Frame): Execute {
  const parts = items.map((item) => {
    if (item.kind === "data") return { text: item.text, value: null, line: firstLine };
    return { text: "", value: compileExpression(item, frame), line: item.line };
  });
  return (activation, output) => {
    for (const { text, value, line } of parts) {
      if (value === null) output.text += text;
      else {
        activation.run.line = line;
        // The value may write to the output's end before it is printed.
        const printed = toText(present(value(activation), activation));
        output.text += printed;
      }
    }
    return "none";
  };
}

function compileIf(node: If, frame: Frame): Execute {
  const branches = [node, ...node.elifs].map(({ test, body, line }) => ({
    test: compileExpression(test, frame),
    body: compileBody(body, frame),
    line,
  }));
  const otherwise = compileBody(node.otherwise, frame);
  return (activation, output) => {
    for (const { test, body, line } of branches) {
      activation.run.line = line;
      if (isTrue(present(test(activation), activation))) return body(activation, output);
    }
    return otherwise(activation, output);
  };
}

function compileAssign({ target, value, line }: Of<"assign">, frame: Frame): Execute {
  const check = compileNamespaceCheck(target, frame);
  const evaluate = compileExpression(value, frame);
  const assign = compileTarget(target, frame, frame.topLevel);
  return (activation) => {
    activation.run.line = line;
    check(activation);
    assign(activation, evaluate(activation));
    return "none";
  };
}

function compileAssignBlock({ target, filter, body }: Of<"assignBlock">, frame: Frame): Execute {
  const inner = innerFrame(frame);
  visitAll(body, inner.symbols);
  const { enter, leave } = declareFrame(inner);
  const run = compileBody(body, inner);
  const filtered = captured(filter, inner);
  const assign = compileTarget(target, frame, frame.topLevel);
  return (activation) => {
    enter(activation);
    const text = new Output();
    const signal = run(activation, text);
    if (signal !== "none") return signal;
    assign(activation, filtered(activation, text.text));
    leave(activation);
    return "none";
  };
}

/** Applies the filters of a block to its text. */
function captured(filter: Filter | null, frame: Frame): (activation: Parameters<Evaluate>[0], text: string) => Value {
  if (filter === null) return (_, text) => text;
  let current: Value = "";
  const part = (node: Expression): Evaluate => compileExpression(node, frame);
  const evaluate = compileFilter(filter, part, frame, () => current);
  return (activation, text) => {
    current = text;
    return evaluate(activation);
  };
}

function compileFilterBlock({ filter, body }: Of<"filterBlock">, frame: Frame): Execute {
  const inner = innerFrame(frame);
  visitAll([...body, filter], inner.symbols);
  const { enter, leave } = declareFrame(inner);
  const run = compileBody(body, inner);
  const filtered = captured(filter, inner);
  return (activation, output) => {
    enter(activation);
    const text = new Output();
    const signal = run(activation, text);
    if (signal !== "none") return signal;
    const printed = toText(filtered(activation, text.text));
    output.text += printed;
    leave(activation);
    return "none";
  };
}

function compileWith({ targets, values, body }: Of<"with">, frame: Frame): Execute {
  const inner = innerFrame(frame);
  visitAll([...targets, ...body], inner.symbols);
  const { enter, leave } = declareFrame(inner);
  const assignments = targets.map((target, i) => ({
    assign: compileTarget(target, inner),
    value: compileExpression(values[i], frame),
  }));
  const run = compileBody(body, inner);
  return (activation, output) => {
    enter(activation);
    for (const { assign, value } of assignments) assign(activation, value(activation));
    const signal = run(activation, output);
    leave(activation);
    return signal;
  };
}

function compileCallBlock(node: CallBlock, frame: Frame): Execute {
  const caller = compileMacro(node, frame, compiler);
  if (node.call === null) return compileGeneration(caller);
  const part = (inner: Expression): Evaluate => compileExpression(inner, frame);
  const call = compileCall(node.call, part, caller);
  return (activation, output) => {
    activation.run.line = node.line;
    const printed = toText(call(activation));
    output.text += printed;
    return "none";
  };
}

/** `{% generation %}`: as transformers, notes where its text starts in what the template has written so far. */
function compileGeneration(body: Evaluate): Execute {
  return (activation, output) => {
    const { run } = activation;
    const text = toText(callValue(body(activation), noArguments));
    const start = lengthOf(run.output.text);
    run.generated.push([start, start + lengthOf(text)]);
    output.text += text;
    return "none";
  };
}
