import { characterClass, classBeyond, listClasses } from "./character-class.js";

/** Returns the end of the pre-token that starts at `start`. */
export type ScanPreToken = (text: string, start: number) => number;

const { other, letter, number, space, newline } = characterClass;

/**
 * Splits text as Llama 3's pattern does (`llama3Pattern`), several times as fast as a regular expression.
 *
 * @param maxDigits  the maximum number of digits in a pre-token: 3 for Llama 3, 1 for Qwen
 */
export function createWordScanner(maxDigits: number): ScanPreToken {
  const classes = listClasses();
  const classAt = (text: string, at: number): number => {
    const unit = text.charCodeAt(at);
    if (unit !== unit) return -1; // the end of the text
    return (unit & 0xfc00) === 0xd800 ? classOfPair(text, at) : classes[unit];
  };
  const skip = (text: string, start: number, wanted: number): number => {
    let at = start;
    while (classAt(text, at) === wanted) at += widthAt(text, at);
    return at;
  };
  const skipDigits = (text: string, start: number): number => {
    let at = start;
    for (let count = 0; count < maxDigits && classAt(text, at) === number; count++) at += widthAt(text, at);
    return at;
  };
  // The steps are the pattern's alternatives, in order.
  return (text, start) => {
    const first = classAt(text, start);
    const second = first === letter ? start : start + widthAt(text, start);
    if (text.charCodeAt(start) === apostrophe) {
      const length = contractionLength(text, start + 1);
      if (length > 0) return start + 1 + length;
    }
    if (first === letter) return skip(text, start, letter);
    if ((first === other || first === space) && classAt(text, second) === letter) return skip(text, second, letter);
    if (first === number) return skipDigits(text, start);
    if (first === other || (text.charCodeAt(start) === spaceUnit && classAt(text, second) === other)) {
      return skip(text, skip(text, first === other ? start : second, other), newline);
    }
    return endOfSpace(text, start, classes);
  };
}

const apostrophe = 0x27;
const spaceUnit = 0x20;

/** The end of white space: after its last line break, or else before the last of several characters if text follows. */
function endOfSpace(text: string, start: number, classes: Uint8Array): number {
  let lineEnd = -1;
  let at = start;
  for (; at < text.length; at++) {
    const kind = classes[text.charCodeAt(at)];
    if (kind === newline) lineEnd = at + 1;
    else if (kind !== space) break;
  }
  if (lineEnd >= 0) return lineEnd;
  return at < text.length && at - start > 1 ? at - 1 : at;
}

/** The length of the contraction ending s, t, re, ve, m, ll or d at `at`, in either case; 0 if there is none. */
function contractionLength(text: string, at: number): number {
  switch (text.charCodeAt(at) | 0x20) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return 1;
    case 0x72: // r
    case 0x76: // v
      return (text.charCodeAt(at + 1) | 0x20) === 0x65 ? 2 : 0;
    case 0x6c: // l
      return (text.charCodeAt(at + 1) | 0x20) === 0x6c ? 2 : 0;
    default:
      return text.charCodeAt(at) === longS ? 1 : 0;
  }
}

/** ſ, which matches s when case is ignored. */
const longS = 0x17f;

function widthAt(text: string, at: number): number {
  return isPair(text, at) ? 2 : 1;
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

function classOfPair(text: string, at: number): number {
  return isPair(text, at) ? classBeyond(text.slice(at, at + 2)) : other;
}
