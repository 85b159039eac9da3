import { whitespace } from "../../../text/jinja/values/whitespace.js";
import { Tuple, type Dict, type Value } from "../../../text/jinja/values/value.js";
import { wordCount } from "../../task/python-text.js";
import { textColumn, type TaskFunction } from "./task-function.js";

const detokenizer = "wikitext.wikitext_detokenizer";
const results = "wikitext.process_results";

const space = `[${whitespace}]*`;
/** Without the whitespace inside a pair of brackets or quotes. */
const inside = (open: string, close: string, other: string) =>
  [new RegExp(`${open}${space}(${other}*?)${space}${close}`, "g"), `${open.slice(-1)}$1${close.slice(-1)}`] as const;

/** WikiText's spaced text as it was before: applied in this order. */
const replacements: readonly (readonly [from: string | RegExp, to: string])[] = [
  ["s '", "s'"],
  // Of lm-evaluation-harness as it is: the pattern was meant for digits after an apostrophe.
  [/\/' [0-9]\//g, "/'[0-9]/"],
  [" @-@ ", "-"],
  [" @,@ ", ","],
  [" @.@ ", "."],
  [" : ", ": "],
  [" ; ", "; "],
  [" . ", ". "],
  [" ! ", "! "],
  [" ? ", "? "],
  [" , ", ", "],
  inside("\\(", "\\)", "[^)]"),
  inside("\\[", "\\]", "[^\\]]"),
  inside("\\{", "\\}", "[^}]"),
  inside('"', '"', '[^"]'),
  inside("'", "'", "[^']"),
  ["= = = =", "===="],
  ["= = =", "==="],
  ["= =", "=="],
  [" ° ", "°"],
  [" \n", "\n"],
  ["\n ", "\n"],
  [" N ", " 1 "],
  [" 's", "'s"],
];

function detokenize(page: string): string {
  return replacements.reduce((text, [from, to]) => text.replaceAll(from, to), page);
}

/** Words and bytes are those of the page in the file, before it is detokenized. */
function processResults(doc: Dict, responses: readonly Value[]): readonly (readonly [string, Tuple])[] {
  const page = textColumn(doc, "page", results);
  const [loglikelihood] = responses;
  const words = wordCount(page);
  const bytes = Buffer.byteLength(page);
  return [
    ["word_perplexity", new Tuple([loglikelihood, words])],
    ["byte_perplexity", new Tuple([loglikelihood, bytes])],
    ["bits_per_byte", new Tuple([loglikelihood, bytes])],
  ];
}

export const wikitextFunctions: Readonly<Record<string, TaskFunction>> = {
  [detokenizer]: { kind: "value", run: (doc) => detokenize(textColumn(doc, "page", detokenizer)) },
  [results]: { kind: "results", run: processResults },
};
