import { chainSteps, type Decoder, type DecoderStep } from "../decode/decoder.js";
import { decodeByteLevel, decodeByteTokens, mapTokens, replaceInText, stripText } from "../decode/decoder-steps.js";
import { unsupported } from "./tokenizer-error.js";
import { parseMetaspace } from "./metaspace.js";
import { parsePattern } from "./pattern.js";
import { list, section, textAt, type Section } from "./section.js";

const known = "ByteLevel, ByteFallback, Metaspace, Replace, Strip, Fuse or Sequence";

/** Parses `decoder` of a tokenizer.json; without a decoder, tokens are joined by spaces. */
export function parseDecoder(value: unknown, where: string): Decoder {
  if (value === null || value === undefined)
    return () => chainSteps([mapTokens((token, isFirst) => (isFirst ? token : ` ${token}`))]);
  const makers: (() => DecoderStep)[] = [];
  let isFused = false;
  for (const { part, where: place } of listParts(value, where)) {
    if (part.type !== "Fuse") makers.push(parseStep(part, isFused, place));
    isFused ||= part.type === "Fuse" || part.type === "ByteLevel";
  }
  return () => chainSteps(makers.map((make) => make()));
}

function listParts(value: unknown, where: string): { readonly part: Section; readonly where: string }[] {
  const part = section(value, where);
  if (part.type !== "Sequence") return [{ part, where }];
  return list(part.decoders, `${where}.decoders`).flatMap((inner, i) => listParts(inner, `${where}.decoders[${i}]`));
}

/** @param isFused  whether an earlier step has joined the tokens into one text */
function parseStep(part: Section, isFused: boolean, where: string): () => DecoderStep {
  if (isFused && part.type !== "Strip" && part.type !== "Replace") {
    throw unsupported(where, "only Strip or Replace after Fuse or ByteLevel", part.type ?? null);
  }
  switch (part.type) {
    case "ByteLevel":
      return decodeByteLevel;
    case "ByteFallback":
      return decodeByteTokens;
    case "Metaspace": {
      const { replacement, prepend } = parseMetaspace(part, where);
      const space = (isFirst: boolean): string => (isFirst && prepend !== "never" ? "" : " ");
      return () => mapTokens((token, isFirst) => token.replaceAll(replacement, space(isFirst)));
    }
    case "Replace": {
      const pattern = parsePattern(part.pattern, `${where}.pattern`);
      const content = textAt(part, "content", where).replaceAll("$", "$$$$");
      const replace = (text: string): string => text.replace(pattern, content);
      return () => (isFused ? replaceInText(replace) : mapTokens(replace));
    }
    case "Strip":
      return parseStrip(part, isFused, where);
    default:
      throw unsupported(`${where}.type`, known, part.type ?? null);
  }
}

function parseStrip(part: Section, isFused: boolean, where: string): () => DecoderStep {
  const content = textAt(part, "content", where);
  const [start, stop] = [part.start, part.stop];
  if (!Number.isInteger(start) || !Number.isInteger(stop))
    throw unsupported(where, "whole numbers as start and stop", part);
  const strip = (): DecoderStep => stripText(content, start as number, stop as number);
  return isFused
    ? strip
    : () =>
        mapTokens((token) => {
          const step = strip();
          return [...step.push(token), ...step.end()].join("");
        });
}
