import { typeError, unsupported } from "../template-error.js";
import { sameOrEqual } from "../values/compare.js";
import { bind, functionObject } from "../values/functions.js";
import { tryLength } from "../values/iterate.js";
import { PythonObject, Tuple, Undefined, type Value } from "../values/value.js";

export type RecursiveLoop = (items: Value, depth: number) => string;

/** A running loop: the variable `loop`. */
export class Loop {
  readonly object: PythonObject;
  readonly #depth: number;
  readonly #recurse: RecursiveLoop | null;
  #iterator: Iterator<Value>;
  #length: number | null;
  #index = -1;
  #current: Value | undefined;
  #previous: Value | undefined;
  /** The item after the current one, where it has been looked at. */
  #next: IteratorResult<Value> | null = null;
  #lastChanged: Value | null = null;

  /** @param sized  the value whose length is that of the loop; null if the items must be counted */
  constructor(items: Iterable<Value>, sized: Value, depth: number, recurse: RecursiveLoop | null) {
    this.#iterator = items[Symbol.iterator]();
    this.#length = sized === null ? null : tryLength(sized);
    this.#depth = depth;
    this.#recurse = recurse;
    this.object = new PythonObject("LoopContext", {
      attribute: (name) => this.#attribute(name),
      length: () => this.#count(),
      repr: () => `<LoopContext ${this.#index + 1}/${this.#count()}>`,
      call: (args) => this.#call(bind("loop", { parameters: ["iterable"] }, args)[0]),
      iterate() {
        throw unsupported("a loop over the variable loop");
      },
    });
  }

  /** Moves to the next item; undefined at the end. */
  advance(): Value | undefined {
    const { done, value } = this.#peek();
    if (done) return undefined;
    this.#next = null;
    this.#index++;
    this.#previous = this.#current;
    this.#current = value as Value;
    return this.#current;
  }

  #peek(): IteratorResult<Value> {
    return (this.#next ??= this.#iterator.next());
  }

  #count(): number {
    if (this.#length !== null) return this.#length;
    const rest = [...{ [Symbol.iterator]: () => this.#iterator }];
    this.#iterator = rest.values();
    this.#length = rest.length + this.#index + 1 + (this.#next === null || this.#next.done ? 0 : 1);
    return this.#length;
  }

  #call(items: Value): string {
    if (this.#recurse === null) throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    return this.#recurse(items, this.#depth + 1);
  }

  #attribute(name: string): Value | undefined {
    switch (name) {
      case "index0":
        return this.#index;
      case "index":
        return this.#index + 1;
      case "first":
        return this.#index === 0;
      case "last":
        return this.#peek().done === true;
      case "length":
        return this.#count();
      case "revindex0":
        return this.#count() - this.#index - 1;
      case "revindex":
        return this.#count() - this.#index;
      case "depth0":
        return this.#depth;
      case "depth":
        return this.#depth + 1;
      case "previtem":
        return this.#index === 0 ? absent("there is no previous item") : this.#previous;
      case "nextitem": {
        const { done, value } = this.#peek();
        return done ? absent("there is no next item") : (value as Value);
      }
      case "cycle":
        return functionObject(({ positional }) => {
          if (positional.length === 0) throw typeError("no items for cycling given");
          return positional[this.#index % positional.length];
        });
      case "changed":
        return functionObject(({ positional }) => this.#changed(new Tuple(positional)));
    }
    return undefined;
  }

  #changed(values: Tuple): boolean {
    if (this.#lastChanged !== null && sameOrEqual(this.#lastChanged, values)) return false;
    this.#lastChanged = values;
    return true;
  }
}

function absent(hint: string): Undefined {
  return new Undefined(null, undefined, hint);
}
