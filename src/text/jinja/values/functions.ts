import { typeError, unsupported } from "../template-error.js";
import { type CallArguments, PythonObject, type Value } from "./value.js";

/** A parameter by its name, with a default if it is optional. */
export type Parameter = string | readonly [name: string, byDefault: Value];

export interface Signature {
  readonly parameters: readonly Parameter[];
  /** Whether arguments may be named; true by default. */
  readonly named?: boolean;
  /** Whether any arguments are accepted; false by default. */
  readonly anything?: boolean;
}

export const noArguments: CallArguments = { positional: [], named: new Map() };

/**
 * The value of each parameter.
 *
 * @throws TemplateError if an argument is missing, unknown or given twice
 */
export function bind(name: string, signature: Signature, args: CallArguments): Value[] {
  const { parameters, named = true, anything = false } = signature;
  if (anything) return [...args.positional];
  const given = args.positional.length;
  if (given > parameters.length)
    throw typeError(`${name}() takes at most ${parameters.length} arguments (${given} given)`);
  if (args.named.size > 0 && !named) throw typeError(`${name}() takes no keyword arguments`);
  let used = 0;
  const values = parameters.map((parameter, i): Value => {
    const [parameterName, byDefault] = typeof parameter === "string" ? [parameter, undefined] : parameter;
    const byName = args.named.size === 0 ? undefined : args.named.get(parameterName);
    if (byName !== undefined) {
      used++;
      if (i < given) throw typeError(`${name}() got multiple values for argument '${parameterName}'`);
      return byName;
    }
    if (i < given) return args.positional[i];
    if (byDefault === undefined)
      throw typeError(`${name}() missing 1 required positional argument: '${parameterName}'`);
    return byDefault;
  });
  if (used === args.named.size) return values;
  const names = parameters.map((parameter) => (typeof parameter === "string" ? parameter : parameter[0]));
  const unknown = [...args.named.keys()].find((key) => !names.includes(key));
  throw typeError(`${name}() got an unexpected keyword argument '${unknown}'`);
}

/** A method of a type of Python. */
export interface Method<Self> extends Signature {
  readonly run: (self: Self, values: readonly Value[]) => Value;
}

/** A method whose arguments have no names. */
export function method<Self>(
  parameters: readonly Parameter[],
  run: (self: Self, values: readonly Value[]) => Value,
): Method<Self> {
  return { parameters, named: false, run };
}

/** A method whose arguments may be named. */
export function namedMethod<Self>(
  parameters: readonly Parameter[],
  run: (self: Self, values: readonly Value[]) => Value,
): Method<Self> {
  return { parameters, run };
}

/** A method that Python has and this engine refuses. @param owner  what has it, such as `text` */
export function refusedMethod<Self>(name: string, owner: string): Method<Self> {
  return {
    parameters: [],
    anything: true,
    run() {
      throw unsupported(`the method ${name} of ${owner}`);
    },
  };
}

export type Methods<Self> = Readonly<Record<string, Method<Self>>>;

export function functionObject(call: (args: CallArguments) => Value): PythonObject {
  return new PythonObject("function", { call });
}
