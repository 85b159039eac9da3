import { type Activation, Output, type Run } from "./compile/activation.js";
import { checkBlockNames } from "./compile/blocks.js";
import { readBeforeAssigned, visitAll } from "./compile/find-symbols.js";
import { declareFrame, type Frame, FunctionScope } from "./compile/frame.js";
import { compileBody } from "./compile/statements.js";
import { Symbols } from "./compile/symbols.js";
import type { Environment } from "./filters/filter.js";
import { filters } from "./filters/filters.js";
import { tests } from "./filters/tests.js";
import { globals } from "./globals.js";
import { chatSettings, type TemplateSettings } from "./settings.js";
import { descendantsOf } from "./syntax/children.js";
import { parseTemplate } from "./syntax/parse-template.js";
import { failure, TemplateError, unsupported } from "./template-error.js";
import { hasSurrogates } from "./values/code-points.js";
import type { Value } from "./values/value.js";

export interface Rendered {
  readonly text: string;
  /** Where the texts of `{% generation %}` blocks are, as [start, end). */
  readonly generated: readonly (readonly [number, number])[];
}

export interface Template {
  /** Whether it has `{% generation %}` blocks. */
  readonly marksGeneration: boolean;
  /** @throws TemplateError if Jinja raises an error, or something is not supported */
  readonly render: (variables: ReadonlyMap<string, Value>) => Rendered;
}

function environmentWith(all: TemplateSettings["filters"]): Environment {
  const environment: Environment = {
    filter(name, value, args) {
      if (!Object.hasOwn(all, name)) throw failure("TemplateRuntimeError", `No filter named '${name}'.`);
      return all[name](value, args, environment);
    },
    test(name, value, args) {
      if (!Object.hasOwn(tests, name)) throw failure("TemplateRuntimeError", `No test named '${name}'.`);
      return tests[name](value, args, environment);
    },
    hasFilter: (name) => typeof name === "string" && Object.hasOwn(all, name),
    hasTest: (name) => typeof name === "string" && Object.hasOwn(tests, name),
  };
  return environment;
}

/**
 * Compiles a template. It renders what Jinja 3.1 renders with these settings, by default those of transformers for chat
 * templates, character for character, or throws an error that names what is not supported.
 *
 * @throws TemplateError if the syntax is wrong
 */
export function compileTemplate(source: string, settings: TemplateSettings = chatSettings): Template {
  try {
    return compile(source, settings);
  } catch (error) {
    throw isStackOverflow(error) ? new TemplateError("unsupported", "RecursionError", "such deep nesting") : error;
  }
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}

function compile(source: string, settings: TemplateSettings): Template {
  const statements = parseTemplate(source, settings);
  const all = { ...filters, ...settings.filters };
  const environment = environmentWith(all);
  if (readBeforeAssigned(statements, ["self"]).size > 0) throw unsupported('the variable "self"');
  const nodes = statements.flatMap((statement) => [...descendantsOf(statement)]);
  checkBlockNames(nodes.filter((node) => node.kind === "block"));
  const scope = new FunctionScope(null);
  const frame: Frame = { symbols: new Symbols(null), scope, topLevel: true, soft: false, inLoop: false, filters: all };
  visitAll(statements, frame.symbols);
  const { enter } = declareFrame(frame);
  const body = compileBody(statements, frame);
  return {
    marksGeneration: nodes.some((node) => node.kind === "callBlock" && node.call === null),
    render(variables) {
      const output = new Output();
      const shared = { variables, globals, environment, isStrict: settings.isStrict };
      const run: Run = { ...shared, assigned: new Map(), output, generated: [], line: 1 };
      const root: Activation = { slots: [], outer: null, run };
      const activation = scope.activate(root);
      try {
        enter(activation);
        body(activation, output);
      } catch (error) {
        throw withLine(error, run.line);
      }
      return { text: output.text, generated: inCodeUnits(output.text, run.generated) };
    },
  };
}

/** Positions of Python in a text as positions of JavaScript. */
function inCodeUnits(text: string, spans: readonly (readonly [number, number])[]): Rendered["generated"] {
  if (spans.length === 0 || !hasSurrogates(text)) return spans;
  const starts = [0];
  for (const char of text) starts.push(starts[starts.length - 1] + char.length);
  const unit = (at: number): number => starts[Math.min(at, starts.length - 1)];
  return spans.map(([start, end]) => [unit(start), unit(end)] as const);
}

function withLine(error: unknown, line: number): unknown {
  if (isStackOverflow(error)) return withLine(failure("RecursionError", "maximum recursion depth exceeded"), line);
  if (error instanceof RangeError && error.message === "Invalid string length")
    return withLine(unsupported("a text of more than 500 million characters"), line);
  if (error instanceof TemplateError) error.line ??= line;
  return error;
}
