import { StrataError } from "../../errors/strata-error.js";
import { TemplateError, type Failure } from "../../text/jinja/template-error.js";

interface Words {
  readonly expected: string;
  readonly got: (error: TemplateError) => string;
  readonly hint: string;
}

const words: Readonly<Record<Failure, Words>> = {
  syntax: {
    expected: "a Jinja template",
    got: ({ message }) => message,
    hint: "Correct the template: chat_template.jinja, or chat_template in tokenizer_config.json.",
  },
  raised: {
    expected: "a conversation that the template accepts",
    got: ({ message }) => message,
    hint: "This error is raised by the template: check the order and the roles of the messages.",
  },
  failed: {
    expected: "a conversation that the template can render",
    got: ({ exception, message }) => `${exception}: ${message}`,
    hint: "transformers fails here, too: check the fields of the messages and the variables that the template reads.",
  },
  unsupported: {
    expected: "a template whose parts Strata supports",
    got: ({ message }) => message,
    hint: "Strata does not render this part of Jinja, so that no text differs from transformers: change the template.",
  },
};

/** The error of a template for its user. Errors of other kinds are returned as they are. */
export function templateFailure(folder: string, name: string, error: unknown): unknown {
  if (!(error instanceof TemplateError)) return error;
  const { expected, got, hint } = words[error.failure];
  const line = error.failure === "raised" || error.line === null ? "" : `, line ${error.line}`;
  const where = `${folder}, chat template ${name}${line}`;
  return new StrataError("TokenizerError", { where, expected, got: got(error), hint }, { cause: error });
}
