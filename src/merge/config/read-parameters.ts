import { suggestName } from "../../errors/nearest-name.js";
import type { MergeMethod, MethodParameter } from "../core/method.js";
import { mergeError, shownValue } from "../merge-error.js";
import { checkIsMapping, checkMapping, listItems, member, textOf, whereOf, type Field } from "./fields.js";
import type { ConditionalSetting, ParameterSetting, ParameterSettings, ScalarOrGradient } from "./parameter-setting.js";

/** What the parameters of a configuration are checked against. */
export interface ParameterRules {
  readonly method: MergeMethod;
  /** Names of the parameters of all methods. */
  readonly known: ReadonlySet<string>;
  note(text: string): void;
}

/**
 * Reads a mapping of parameters. What the method does not use is left out, as mergekit does, with a note; what no
 * method knows is an error.
 *
 * @param isOfModel  the values are for one model: those of the whole merge are left out
 */
export function readParameters(field: Field | null, rules: ParameterRules, isOfModel: boolean): ParameterSettings {
  if (field === null) return {};
  checkIsMapping(field, "parameters");
  const { method, known } = rules;
  const settings: Record<string, ParameterSetting> = {};
  for (const name of Object.keys(field.value as object)) {
    const of = member(field, name);
    if (of === null) throw refuseValue({ ...field, path: [...field.path, name], value: null }, name);
    const global = Object.hasOwn(method.parameters, name);
    const ofInputs = Object.hasOwn(method.inputParameters, name);
    if (!global && !ofInputs) unusedParameter(of, name, rules, known);
    else if (isOfModel && !ofInputs) {
      rules.note(`${name} is a parameter of the whole merge: the value of one model (${whereOf(of)}) is ignored`);
    } else settings[name] = readSetting(of, name, method.parameters[name] ?? method.inputParameters[name]);
  }
  return settings;
}

function unusedParameter(of: Field, name: string, { method, note }: ParameterRules, known: ReadonlySet<string>): void {
  const own = [...Object.keys(method.parameters), ...Object.keys(method.inputParameters)];
  if (known.has(name)) {
    note(`${method.name} has no parameter ${name}: it is ignored (${whereOf(of)})`);
    return;
  }
  const list = own.length === 0 ? `${method.name} has no parameters.` : `${method.name} has ${own.join(", ")}.`;
  const hint = suggestName(name, [...own, ...known]) ?? list;
  throw mergeError(whereOf(of), `a parameter of ${method.name}`, JSON.stringify(name), hint);
}

function readSetting(field: Field, name: string, rule: MethodParameter): ParameterSetting {
  const { value } = field;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const hint = "Put the condition into a list: start its first line with a dash.";
    throw mergeError(
      whereOf(field),
      `${name}: a number, a list of numbers, or a list of conditions`,
      "one condition outside a list",
      hint,
    );
  }
  if (!Array.isArray(value)) return readValue(field, name, rule);
  if (value.length === 0) throw emptyGradient(field, name);
  if (!value.some((entry) => typeof entry === "object" && entry !== null && !Array.isArray(entry))) {
    return readScalarOrGradient(field, name, rule);
  }
  return listItems(field, "conditions").map((item): ConditionalSetting => {
    checkMapping(item, ["filter", "value"], `a condition of ${name}`);
    const filter = member(item, "filter");
    const of = member(item, "value");
    if (of === null) throw refuseValue({ ...item, value: undefined }, name);
    return {
      filter: filter === null ? null : textOf(filter, "a part of a tensor's name"),
      value: readScalarOrGradient(of, name, rule),
    };
  });
}

function readScalarOrGradient(field: Field, name: string, rule: MethodParameter): ScalarOrGradient {
  if (!Array.isArray(field.value)) return readValue(field, name, rule);
  if (field.value.length === 0) throw emptyGradient(field, name);
  return listItems(field, "numbers").map((item) => readValue(item, name, rule));
}

/** Booleans are 0 and 1; a number in quotes is a number, as in mergekit. */
function readValue(field: Field, name: string, rule: MethodParameter): number {
  const { value } = field;
  const isNumeric = typeof value === "string" && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value);
  const number = typeof value === "boolean" || isNumeric ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw refuseValue(field, name);
  const { minimum, maximum } = rule;
  if (number >= minimum && number <= maximum) return number;
  const range =
    maximum === Infinity
      ? `at least ${minimum}`
      : minimum === -Infinity
        ? `at most ${maximum}`
        : `from ${minimum} to ${maximum}`;
  throw mergeError(whereOf(field), `${name} ${range}`, String(number), "Choose a value in this range.");
}

function refuseValue(field: Field, name: string) {
  const hint =
    "Write a number, true or false, a list of numbers (a gradient over the layers), or a list of conditions with " +
    "filter and value.";
  return mergeError(whereOf(field), `a number for ${name}`, shownValue(field.value), hint);
}

function emptyGradient(field: Field, name: string) {
  return mergeError(
    whereOf(field),
    `a gradient of ${name} with at least one value`,
    "an empty list",
    "Write a number.",
  );
}
