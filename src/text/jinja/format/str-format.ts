import { failure, valueError } from "../template-error.js";
import { ascii, repr, toText } from "../values/text.js";
import type { CallArguments, Value } from "../values/value.js";
import { formatValue } from "./format-spec.js";

/** How fields such as `{0.name[key]}` look up attributes and items. */
export interface FieldAccess {
  readonly attribute: (value: Value, name: string) => Value;
  readonly item: (value: Value, key: Value) => Value;
}

/** Whether fields are numbered in order (`{}`) or by the text (`{0}`); they cannot be mixed. */
interface Numbering {
  next: number | "by the text";
}

/** Python's `format.format(*positional, **named)`. */
export function strFormat(format: string, args: CallArguments, access: FieldAccess): string {
  return formatWith(format, args, access, { next: 0 }, 2);
}

function formatWith(
  format: string,
  args: CallArguments,
  access: FieldAccess,
  numbering: Numbering,
  depth: number,
): string {
  if (depth < 0) throw valueError("Max string recursion exceeded");
  let text = "";
  for (let at = 0; at < format.length; at++) {
    const char = format[at];
    if (char !== "{" && char !== "}") text += char;
    else if (format[at + 1] === char) {
      text += char;
      at++;
    } else if (char === "}") throw valueError("Single '}' encountered in format string");
    else {
      const end = endOfField(format, at);
      text += field(format.slice(at + 1, end), args, access, numbering, depth);
      at = end;
    }
  }
  return text;
}

function endOfField(format: string, start: number): number {
  let open = 0;
  let inBrackets = false;
  for (let at = start; at < format.length; at++) {
    if (inBrackets) inBrackets = format[at] !== "]";
    else if (format[at] === "[") inBrackets = open === 1 && !/[:!]/.test(format.slice(start, at));
    else if (format[at] === "{") open++;
    else if (format[at] === "}" && --open === 0) return at;
  }
  throw valueError(
    format.length === start + 1 ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}

function field(source: string, args: CallArguments, access: FieldAccess, numbering: Numbering, depth: number): string {
  const match = /^((?:[^[:!{}]|\[[^\]]*\])*)(?:!(.))?(?::(.*))?$/su.exec(source);
  if (match === null) {
    if (source.includes("!")) throw valueError("expected ':' after conversion specifier");
    throw valueError("unexpected '{' in field name");
  }
  const [, name, conversion, specification = ""] = match;
  const value = convert(fieldValue(name, args, access, numbering), conversion);
  return formatValue(value, formatWith(specification, args, access, numbering, depth - 1));
}

function convert(value: Value, conversion: string | undefined): Value {
  if (conversion === undefined) return value;
  if (conversion === "s") return toText(value);
  if (conversion === "r") return repr(value);
  if (conversion === "a") return ascii(value);
  throw valueError(`Unknown conversion specifier ${conversion}`);
}

function fieldValue(name: string, args: CallArguments, access: FieldAccess, numbering: Numbering): Value {
  const first = /^[^.[]*/.exec(name)?.[0] ?? "";
  let value = argument(first, args, numbering);
  let rest = name.slice(first.length);
  while (rest !== "") {
    const part = /^(?:\.([^.[]+)|\[([^\]]+)\])/s.exec(rest);
    if (part === null)
      throw valueError(
        rest.startsWith("[") || rest.startsWith(".")
          ? "Empty attribute in format string"
          : "Only '.' or '[' may follow ']' in format field specifier",
      );
    const [all, attribute, key] = part;
    value =
      attribute === undefined
        ? access.item(value, /^\d+$/.test(key) ? Number(key) : key)
        : access.attribute(value, attribute);
    rest = rest.slice(all.length);
  }
  return value;
}

function argument(name: string, { positional, named }: CallArguments, numbering: Numbering): Value {
  if (name !== "" && !/^\d+$/.test(name)) {
    const value = named.get(name);
    if (value === undefined) throw failure("KeyError", repr(name));
    return value;
  }
  const automatic = name === "";
  if (automatic ? numbering.next === "by the text" : typeof numbering.next === "number" && numbering.next > 0)
    throw valueError("cannot switch between manual field specification and automatic field numbering");
  const at = automatic ? (numbering.next as number) : Number(name);
  numbering.next = automatic ? at + 1 : "by the text";
  if (at >= positional.length)
    throw failure("IndexError", `Replacement index ${at} out of range for positional args tuple`);
  return positional[at];
}
