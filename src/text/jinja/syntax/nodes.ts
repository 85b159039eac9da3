import type { ArithmeticOperator } from "../operators/arithmetic.js";
import type { Order } from "../values/compare.js";
import type { Value } from "../values/value.js";

/** Whether a name is read, assigned, or a parameter of a macro or `with`. */
export type NameUse = "load" | "store" | "parameter";

export interface Name {
  readonly kind: "name";
  readonly name: string;
  use: NameUse;
  readonly line: number;
}

export interface CallArgumentNodes {
  readonly positional: readonly Expression[];
  readonly named: readonly { readonly name: string; readonly value: Expression }[];
  /** `*positional`, or null. */
  readonly restPositional: Expression | null;
  /** `**named`, or null. */
  readonly restNamed: Expression | null;
}

export interface Call {
  readonly kind: "call";
  readonly target: Expression;
  readonly args: CallArgumentNodes;
  readonly line: number;
}

export interface Filter {
  readonly kind: "filter";
  /** Null for the text of a block. */
  readonly target: Expression | null;
  readonly name: string;
  readonly args: CallArgumentNodes;
  readonly line: number;
}

export interface Test {
  readonly kind: "test";
  readonly target: Expression;
  readonly name: string;
  readonly args: CallArgumentNodes;
  readonly line: number;
}

export interface Slice {
  readonly kind: "slice";
  readonly start: Expression | null;
  readonly stop: Expression | null;
  readonly step: Expression | null;
  readonly line: number;
}

export interface TupleNode {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
  readonly line: number;
}

/** `name.attribute` as the target of an assignment. */
export interface NamespaceReference {
  readonly kind: "namespaceReference";
  readonly name: string;
  readonly attribute: string;
  readonly line: number;
}

export type ComparisonOperator = Order | "==" | "!=" | "in" | "not in";

export type Expression =
  | Name
  | Call
  | Filter
  | Test
  | Slice
  | TupleNode
  | NamespaceReference
  | { readonly kind: "constant"; readonly value: Value; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly Expression[]; readonly line: number }
  | {
      readonly kind: "dict";
      readonly items: readonly { readonly key: Expression; readonly value: Expression }[];
      readonly line: number;
    }
  | {
      readonly kind: "condition";
      readonly test: Expression;
      readonly result: Expression;
      readonly otherwise: Expression | null;
      readonly line: number;
    }
  | { readonly kind: "attribute"; readonly target: Expression; readonly name: string; readonly line: number }
  | { readonly kind: "item"; readonly target: Expression; readonly key: Expression; readonly line: number }
  | { readonly kind: "concatenation"; readonly items: readonly Expression[]; readonly line: number }
  | {
      readonly kind: "comparison";
      readonly first: Expression;
      readonly rest: readonly { readonly operator: ComparisonOperator; readonly operand: Expression }[];
      readonly line: number;
    }
  | {
      readonly kind: "arithmetic";
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly line: number;
    }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression; readonly line: number }
  | { readonly kind: "not"; readonly operand: Expression; readonly line: number }
  | { readonly kind: "sign"; readonly operator: "-" | "+"; readonly operand: Expression; readonly line: number };

export interface Parameters {
  readonly names: readonly Name[];
  /** The defaults of the last names. */
  readonly defaults: readonly Expression[];
}

export interface For {
  readonly kind: "for";
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
  readonly test: Expression | null;
  readonly recursive: boolean;
  readonly line: number;
}

export interface If {
  readonly kind: "if";
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly elifs: readonly If[];
  readonly otherwise: readonly Statement[];
  readonly line: number;
}

export interface Macro extends Parameters {
  readonly kind: "macro";
  readonly name: string;
  readonly body: readonly Statement[];
  readonly line: number;
}

export interface CallBlock extends Parameters {
  readonly kind: "callBlock";
  /** Null for `{% generation %}`, which marks its text as the assistant's. */
  readonly call: Call | null;
  readonly body: readonly Statement[];
  readonly line: number;
}

export interface Block {
  readonly kind: "block";
  readonly name: string;
  readonly scoped: boolean;
  readonly body: readonly Statement[];
  readonly line: number;
}

export interface Output {
  readonly kind: "output";
  readonly items: readonly (Expression | { readonly kind: "data"; readonly text: string })[];
  readonly line: number;
}

export type Statement =
  | For
  | If
  | Macro
  | CallBlock
  | Block
  | Output
  | {
      readonly kind: "filterBlock";
      readonly filter: Filter;
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly kind: "with";
      readonly targets: readonly Expression[];
      readonly values: readonly Expression[];
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | { readonly kind: "assign"; readonly target: Expression; readonly value: Expression; readonly line: number }
  | {
      readonly kind: "assignBlock";
      readonly target: Expression;
      readonly filter: Filter | null;
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | { readonly kind: "break" | "continue"; readonly line: number };

export type Node = Expression | Statement;
