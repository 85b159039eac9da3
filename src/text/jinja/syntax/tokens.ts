export type TokenType =
  | "data"
  | "blockBegin"
  | "blockEnd"
  | "variableBegin"
  | "variableEnd"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "operator"
  | "end";

export interface Token {
  readonly type: TokenType;
  /** The text: without quotes and escapes for a string, without underscores for a number. */
  readonly text: string;
  readonly line: number;
}

const descriptions: Readonly<Partial<Record<TokenType, string>>> = {
  blockBegin: "begin of statement block",
  blockEnd: "end of statement block",
  variableBegin: "begin of print statement",
  variableEnd: "end of print statement",
  data: "template data / text",
  end: "end of template",
};

/** A token in the words of Jinja's messages. */
export function describeToken({ type, text }: Pick<Token, "type" | "text">): string {
  return descriptions[type] ?? (type === "name" || type === "operator" ? text : type);
}
