import { unsupported } from "./tokenizer-error.js";
import { noSpecialTokens, type SpecialTokens } from "./tokenizer-file.js";
import { list, section, type Section } from "./section.js";

const known = "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel or Sequence";

/** Parses `post_processor` of a tokenizer.json for single texts. @throws StrataError for an unsupported type */
export function parsePostProcessor(value: unknown, where: string): SpecialTokens {
  if (value === null || value === undefined) return noSpecialTokens;
  const part = section(value, where);
  switch (part.type) {
    case "ByteLevel": // changes only offsets
      return noSpecialTokens;
    case "Sequence":
      // As in `tokenizers`, only the first processor that adds special tokens has an effect.
      return (
        list(part.processors, `${where}.processors`)
          .map((inner, i) => parsePostProcessor(inner, `${where}.processors[${i}]`))
          .find(({ before, after }) => before.length + after.length > 0) ?? noSpecialTokens
      );
    case "TemplateProcessing":
      return parseTemplate(part, where);
    case "BertProcessing":
    case "RobertaProcessing":
      return { before: [pairId(part, "cls", where)], after: [pairId(part, "sep", where)] };
    default:
      throw unsupported(`${where}.type`, known, part.type ?? null);
  }
}

function parseTemplate(part: Section, where: string): SpecialTokens {
  const defined = section(part.special_tokens ?? {}, `${where}.special_tokens`);
  const pieces = list(part.single, `${where}.single`).map((piece, i) => section(piece, `${where}.single[${i}]`));
  const at = pieces.findIndex(({ Sequence }) => Sequence !== undefined);
  if (at < 0) throw unsupported(`${where}.single`, "a template with a Sequence, the text", part.single);
  const idsOf = (piece: Section, i: number): number[] => {
    const name = (piece.SpecialToken as Section | undefined)?.id;
    const ids = (defined[name as string] as Section | undefined)?.ids;
    if (Array.isArray(ids) && ids.every(Number.isInteger)) return ids as number[];
    throw unsupported(`${where}.single[${i}]`, "a special token that is defined in special_tokens", piece);
  };
  return {
    before: pieces.slice(0, at).flatMap(idsOf),
    after: pieces.slice(at + 1).flatMap((piece, i) => idsOf(piece, at + 1 + i)),
  };
}

/** The id of a pair `[token, id]`. */
function pairId(part: Section, key: string, where: string): number {
  const value = part[key];
  if (Array.isArray(value) && Number.isInteger(value[1])) return value[1] as number;
  throw unsupported(`${where}.${key}`, "a token and its id", value);
}
