import type { z } from "zod";
import { text } from "./values.js";

const template = "a text with {field} in it";

function templateText() {
  return text(template).regex(/\{\w+\}/, { error: template });
}

/** How a record becomes the text of a document. At most one of the four forms: see `checks/text-checks.ts`. */
export const textKeys = {
  field: text("the name of a field")
    .optional()
    .describe(
      "The field of a record that holds the document's text. Default: `text`; a preset brings its own; for synthetic " +
        "problems question and answer, for synthetic choices `query`.",
    ),
  template: templateText()
    .optional()
    .describe(
      "The whole text of a document; each `{field}` is replaced by that field of the record, printed as Python does: " +
        "`18`, `18.0`, `True`, `None`, whole numbers with all digits. A record is bad if the field is a list, an " +
        "object, NaN or infinity.",
    ),
  prompt: templateText()
    .optional()
    .describe("With `completion`: the first half of a prompt-completion pair, a template like `template`."),
  completion: templateText()
    .optional()
    .describe(
      "With `prompt`: the second half of the pair, a template that is tokenized separately. Start it with the " +
        "separating space.",
    ),
  messages: text("the name of a field")
    .optional()
    .describe(
      "The field of a record that holds a conversation, a list of `{role, content}`. The tokenizer's chat template " +
        "formats it.",
    ),
};

export type TextKey = keyof typeof textKeys;

type TextKeys = z.output<z.ZodObject<typeof textKeys>>;
type Chosen<K extends keyof TextKeys> = Required<Pick<TextKeys, K>>;

export type TextRecipe = Chosen<"field"> | Chosen<"template"> | Chosen<"prompt" | "completion"> | Chosen<"messages">;
