import { unsupported } from "./tokenizer-error.js";
import { nothingAround, type Around } from "./tokenizer-file.js";
import { list, section, type Section } from "./section.js";

const known = "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel or Sequence";

/** The section `post_processor` of a tokenizer.json, as far as it concerns a single text. @throws StrataError for a kind that is not known */
export function parsePostProcessor(value: unknown, where: string): Around {
  if (value === null || value === undefined) return nothingAround;
  const part = section(value, where);
  switch (part.type) {
    case "ByteLevel": // concerns offsets only
      return nothingAround;
    case "Sequence":
      // As in `tokenizers`, what comes after the first that adds something adds nothing more.
      return (
        list(part.processors, `${where}.processors`)
          .map((inner, i) => parsePostProcessor(inner, `${where}.processors[${i}]`))
          .find(({ before, after }) => before.length + after.length > 0) ?? nothingAround
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

function parseTemplate(part: Section, where: string): Around {
  const specials = section(part.special_tokens ?? {}, `${where}.special_tokens`);
  const pieces = list(part.single, `${where}.single`).map((piece, i) => section(piece, `${where}.single[${i}]`));
  const at = pieces.findIndex(({ Sequence }) => Sequence !== undefined);
  if (at < 0) throw unsupported(`${where}.single`, "a template that holds the text", part.single);
  const idsOf = (piece: Section, i: number): number[] => {
    const name = (piece.SpecialToken as Section | undefined)?.id;
    const ids = (specials[name as string] as Section | undefined)?.ids;
    if (Array.isArray(ids) && ids.every(Number.isInteger)) return ids as number[];
    throw unsupported(`${where}.single[${i}]`, "a special token that special_tokens explains", piece);
  };
  return {
    before: pieces.slice(0, at).flatMap(idsOf),
    after: pieces.slice(at + 1).flatMap((piece, i) => idsOf(piece, at + 1 + i)),
  };
}

/** `[token, id]`. */
function pairId(part: Section, key: string, where: string): number {
  const value = part[key];
  if (Array.isArray(value) && Number.isInteger(value[1])) return value[1] as number;
  throw unsupported(`${where}.${key}`, "a token and its id", value);
}
