import type { MergeMethod, MethodParameter, ParameterValues } from "./core/method.js";

/** A parameter of a merge in a round of training. */
export interface RoundParameter extends MethodParameter {
  readonly default: number;
}

/** A merge of rounds of training as recipes name it: one of the methods, with values. `Key` are its parameters. */
export interface RoundMethod<Name extends string = string, Key extends string = string> {
  /** As in recipes and records. */
  readonly name: Name;
  /** One sentence, for the documentation. */
  readonly description: string;
  readonly method: MergeMethod;
  /** The inputs of a tensor: the parts that trained it, or all of them, those that did not with the base's tensor. */
  readonly takes: "owners" | "parts";
  readonly parameters: Readonly<Record<Key, RoundParameter>>;
  /** The values of the method's parameters; without it those of the same names. */
  valuesOf?(values: Readonly<Record<Key, number>>): {
    readonly values: ParameterValues;
    readonly inputValues: ParameterValues;
  };
}

/** Methods by name. */
export type RoundMethodTable = Readonly<Record<string, RoundMethod>>;
