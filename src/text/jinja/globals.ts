import { failure, TemplateError, typeError, unsupported } from "./template-error.js";
import { fromKeys } from "./methods/collections.js";
import { unpack } from "./filters/unpack.js";
import { bind, functionObject } from "./values/functions.js";
import { iterate } from "./values/iterate.js";
import { range } from "./values/range.js";
import { toText } from "./values/text.js";
import { undefinedError } from "./values/types.js";
import { type CallArguments, Dict, Namespace, PythonObject, Undefined, type Value } from "./values/value.js";

/** Python's `dict(mapping or pairs, **named)`. */
function dict({ positional, named }: CallArguments): Dict {
  if (positional.length > 1) throw typeError(`dict expected at most 1 argument, got ${positional.length}`);
  const [source] = positional;
  if (source instanceof Undefined) throw undefinedError(source);
  const result = new Dict(source instanceof Dict ? source.items() : []);
  if (source !== undefined && !(source instanceof Dict))
    for (const pair of iterate(source)) {
      const [key, value] = unpack(pair, 2);
      result.set(key, value);
    }
  for (const [name, value] of named) result.set(name, value);
  return result;
}

function namespace(args: CallArguments): Namespace {
  return new Namespace(dict(args));
}

function cycler({ positional, named }: CallArguments): PythonObject {
  if (named.size > 0) throw typeError("cycler() takes no keyword arguments");
  if (positional.length === 0) throw failure("RuntimeError", "at least one item has to be provided");
  let at = 0;
  return new PythonObject("Cycler", {
    attribute(name) {
      if (name === "current") return positional[at];
      if (name === "pos") return at;
      if (name === "items") throw unsupported("the attribute items of a cycler");
      if (name === "reset")
        return functionObject(() => {
          at = 0;
          return null;
        });
      if (name !== "next") return undefined;
      return functionObject(() => {
        const item = positional[at];
        at = (at + 1) % positional.length;
        return item;
      });
    },
  });
}

function joiner(args: CallArguments): PythonObject {
  const [separator] = bind("joiner", { parameters: [["sep", ", "]] }, args);
  let used = false;
  return new PythonObject("Joiner", {
    attribute: (name) => (name === "sep" ? separator : name === "used" ? used : undefined),
    call() {
      const text = used ? separator : "";
      used = true;
      return text;
    },
  });
}

function raiseException(args: CallArguments): never {
  const [message] = bind("raise_exception", { parameters: ["message"] }, args);
  throw new TemplateError("raised", "TemplateError", toText(message));
}

const dictObject = new PythonObject("TemplateDict", {
  call: dict,
  attribute: (name) =>
    name === "fromkeys"
      ? functionObject((args) => {
          const [keys, value] = bind("fromkeys", { parameters: ["iterable", ["value", null]], named: false }, args);
          return fromKeys(keys, value);
        })
      : undefined,
});

/** The global functions of transformers' templates, without its clock `strftime_now`. */
export const globals: ReadonlyMap<string, Value> = new Map<string, Value>([
  [
    "range",
    functionObject(({ positional, named }) => {
      if (named.size > 0) throw typeError("range() takes no keyword arguments");
      return range(positional);
    }),
  ],
  ["dict", dictObject],
  ["namespace", functionObject(namespace)],
  ["cycler", functionObject(cycler)],
  ["joiner", functionObject(joiner)],
  [
    "lipsum",
    functionObject(() => {
      throw unsupported("the function lipsum");
    }),
  ],
  ["raise_exception", functionObject(raiseException)],
]);
