/**
 * Why a template is not rendered:
 * - `syntax`: the template is not valid Jinja
 * - `raised`: the template called `raise_exception`
 * - `failed`: Python would raise an error
 * - `unsupported`: Python would render it; this engine does not
 */
export type Failure = "syntax" | "raised" | "failed" | "unsupported";

export class TemplateError extends Error {
  readonly failure: Failure;
  /** The name of Python's exception. */
  readonly exception: string;
  /** The line of the template, from 1; null until it is known. */
  line: number | null;

  constructor(failure: Failure, exception: string, message: string, line: number | null = null) {
    super(message);
    this.name = "TemplateError";
    this.failure = failure;
    this.exception = exception;
    this.line = line;
  }
}

export function syntaxError(message: string, line: number): TemplateError {
  return new TemplateError("syntax", "TemplateSyntaxError", message, line);
}

export function failure(exception: string, message: string): TemplateError {
  return new TemplateError("failed", exception, message);
}

export function typeError(message: string): TemplateError {
  return failure("TypeError", message);
}

export function valueError(message: string): TemplateError {
  return failure("ValueError", message);
}

/** @param what  the name of the unsupported part, such as `the filter "urlize"` */
export function unsupported(what: string, line: number | null = null): TemplateError {
  return new TemplateError("unsupported", "NotImplementedError", what, line);
}
