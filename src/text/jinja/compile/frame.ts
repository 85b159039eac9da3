import { type Activation, resolve } from "./activation.js";
import type { FilterFunction } from "../filters/filter.js";
import { Symbols } from "./symbols.js";
import type { Value } from "../values/value.js";

/** The places of the variables of one function of the template. */
export class FunctionScope {
  readonly outer: FunctionScope | null;
  readonly #slots = new Map<string, number>();

  constructor(outer: FunctionScope | null) {
    this.outer = outer;
  }

  declare(variable: string): number {
    const slot = this.#slots.get(variable) ?? this.#slots.size;
    this.#slots.set(variable, slot);
    return slot;
  }

  find(variable: string): number | undefined {
    return this.#slots.get(variable);
  }

  activate(outer: Activation): Activation {
    return { slots: Array.from<Value | undefined>({ length: this.#slots.size }), outer, run: outer.run };
  }
}

/** Part of a template with its own variables. */
export interface Frame {
  readonly symbols: Symbols;
  readonly scope: FunctionScope;
  /** Whether assignments are visible to blocks with a name. */
  readonly topLevel: boolean;
  /** Whether it is inside an `if`, where unknown filters are an error only when they run. */
  readonly soft: boolean;
  /** Whether `break` and `continue` are allowed. */
  readonly inLoop: boolean;
  readonly filters: Readonly<Record<string, FilterFunction>>;
}

/** A frame inside `frame`, in the same function unless `scope` is given. */
export function innerFrame(frame: Frame, scope = frame.scope, inLoop = frame.inLoop): Frame {
  const { filters } = frame;
  return { symbols: new Symbols(frame.symbols), scope, topLevel: false, soft: false, inLoop, filters };
}

type Read = (activation: Activation) => Value | undefined;

/** Reads a variable, which may have no value. */
export function readVariable(scope: FunctionScope, variable: string): Read {
  let depth = 0;
  let owner: FunctionScope | null = scope;
  while (owner !== null && owner.find(variable) === undefined) {
    owner = owner.outer;
    depth++;
  }
  const slot = owner?.find(variable);
  if (slot === undefined) throw new Error(`the variable ${variable} belongs to no function`);
  if (depth === 0) return ({ slots }) => slots[slot];
  if (depth === 1) return ({ outer }) => (outer as Activation).slots[slot];
  return (activation) => {
    let at = activation;
    for (let i = 0; i < depth; i++) at = at.outer as Activation;
    return at.slots[slot];
  };
}

export interface FrameBounds {
  /** Gives the variables of the frame their first values. */
  readonly enter: (activation: Activation) => void;
  /** Removes their values. */
  readonly leave: (activation: Activation) => void;
}

/** Declares the variables of a frame. Expressions of the frame may be compiled after this call. */
export function declareFrame({ symbols, scope }: Frame): FrameBounds {
  for (const variable of symbols.variables.values()) scope.declare(variable);
  const slots: number[] = [];
  const initial: { readonly slot: number; readonly read: Read }[] = [];
  for (const [variable, load] of symbols.loads) {
    const slot = scope.declare(variable);
    slots.push(slot);
    if (load.from === "context") initial.push({ slot, read: ({ run }) => resolve(run, load.name) });
    else if (load.from === "nothing") initial.push({ slot, read: () => undefined });
    else if (load.from === "outer") initial.push({ slot, read: readVariable(scope, load.variable) });
  }
  return {
    enter(activation) {
      for (const { slot, read } of initial) activation.slots[slot] = read(activation);
    },
    leave({ slots: values }) {
      for (const slot of slots) values[slot] = undefined;
    },
  };
}
