import type { Expression } from "./nodes.js";
import type { TokenStream } from "./token-stream.js";
import type { TokenType } from "./tokens.js";

/** A token that ends an expression without brackets. */
export interface TupleEnd {
  readonly type: TokenType;
  readonly text: string;
}

export interface TupleOptions {
  /** Only names and literals, as in the target of an assignment. */
  readonly simple?: boolean;
  /** Whether `a if b else c` is allowed; true by default. */
  readonly condition?: boolean;
  readonly end?: TupleEnd;
  /** Whether the tuple is in parentheses, so that it may be empty. */
  readonly inParentheses?: boolean;
  /** Whether `namespace.attribute` may be assigned. */
  readonly namespace?: boolean;
}

/** What the parts of the parser of expressions need of each other. */
export interface ExpressionParser {
  readonly stream: TokenStream;
  readonly expression: (condition?: boolean) => Expression;
  readonly tuple: (options?: TupleOptions) => Expression;
}
