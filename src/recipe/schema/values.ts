import { z } from "zod";
import { idPattern } from "../../hub/repository.js";

/** Types of single values in the schema. The `error` of each is the "expected …" of its message. */

/** An integer; `or` is appended to the expectation, e.g. " or null". */
export function whole(minimum: number, or = "") {
  const error = `a whole number of at least ${minimum}${or}`;
  return z.int({ error }).min(minimum, { error });
}

/** As `count`, where planning takes time or memory in proportion to the number. */
export function countUpTo(maximum: number, or = "") {
  return whole(1, or).max(maximum, { error: `a whole number of at most ${maximum}${or}` });
}

export function count() {
  return whole(1);
}

const byteUnits: Readonly<Record<string, number>> = {
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const byteText = new RegExp(`^(\\d+(?:\\.\\d+)?) ?(${Object.keys(byteUnits).join("|")})$`);

/** Bytes: a whole number, or a text such as `400MB`; read as a number. */
export function byteCount() {
  const error = "a whole number of bytes of at least 1, or a text such as 400MB or 1.5GiB";
  return z
    .union([z.int({ error }).min(1, { error }), z.string({ error }).regex(byteText, { error })], { error })
    .transform(parseBytes);
}

function parseBytes(written: number | string): number {
  if (typeof written === "number") return written;
  const [, amount, unit] = byteText.exec(written) ?? [];
  return Math.round(Number(amount) * byteUnits[unit]);
}

export function positive(or = "") {
  const error = `a number above 0${or}`;
  return z.number({ error }).gt(0, { error });
}

export function positiveUpTo(maximum: number) {
  return positive().max(maximum, { error: `a number of at most ${maximum}` });
}

export function nonNegative() {
  const error = "a number of at least 0";
  return z.number({ error }).min(0, { error });
}

export function share(minimum: number, maximum: number) {
  const error = `a number from ${minimum} to ${maximum}`;
  return z.number({ error }).min(minimum, { error }).max(maximum, { error });
}

export function truth() {
  return z.boolean({ error: "true or false" });
}

export function text(expected: string) {
  return z.string({ error: expected }).min(1, { error: expected });
}

/** A path, or a repository of the hub: `hf:ID` or `hf:ID@REVISION`. */
export function pathOrHub() {
  const error = "a path, or hf:ORGANIZATION/NAME";
  const reference = idPattern.source.replace(/^\^/, "").replace(/\$$/, "");
  return z.string({ error }).regex(new RegExp(`^(?!hf:).|^hf:${reference}(?:@[^@\\s]+)?$`), { error });
}

/** A name that is safe in file names and tables. */
export const namePattern = /^\w[\w.-]*$/;
export const namePatternText = "a name of letters, digits, dots, dashes and underscores";

export function name() {
  return z.string({ error: namePatternText }).regex(namePattern, { error: namePatternText });
}

/** One or several texts; read as a list. */
export function oneOrMore(one: string, several: string) {
  return z
    .union([text(one), z.array(text(one), { error: several }).min(1, { error: several })], {
      error: `${one} or ${several}`,
    })
    .transform((written) => (typeof written === "string" ? [written] : written));
}

/** One or several names of data sets; read as a list. */
export function names() {
  return oneOrMore("the name of a data set", "a list of them");
}

export function oneOf<const T extends readonly string[]>(...values: T) {
  return z.enum(values, { error: `one of ${values.join(", ")}` });
}

const prefix = "exactly one of ";

/** A mapping in one of several forms. A unique key identifies each form. */
export function exactlyOne<const T extends Readonly<Record<string, z.ZodObject>>>(forms: T) {
  type Form = T[keyof T];
  const options = Object.values(forms) as unknown as readonly [Form, ...Form[]];
  return z.union(options, { error: prefix + Object.keys(forms).join(", ") });
}

/** The keys that identify the forms of `exactlyOne`, parsed from its message; null for any other message. */
export function formKeys(message: string): readonly string[] | null {
  return message.startsWith(prefix) ? message.slice(prefix.length).split(", ") : null;
}
