/** Characters of Unicode's East Asian Width W and F, as far as they are assigned. */
const wide = new RegExp(
  "(?!\\p{Regional_Indicator})[\\p{Emoji_Presentation}\\u1100-\\u115f\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\u3247" +
    "\\u3250-\\u4dbf\\u4e00-\\ua4c6\\ua960-\\ua97c\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6b" +
    "\\uff01-\\uff60\\uffe0-\\uffe6\\u{16fe0}-\\u{1b2fb}\\u{20000}-\\u{3fffd}]",
  "gu",
);

/** Columns that a text takes on a terminal: two for a wide character, one for each other code point. */
export function textWidth(text: string): number {
  return Array.from(text).length + (text.match(wide)?.length ?? 0);
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - textWidth(text))) + text;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/** With the odd space after the text. */
export function padCenter(text: string, width: number): string {
  const spaces = Math.max(0, width - textWidth(text));
  return " ".repeat(Math.floor(spaces / 2)) + text + " ".repeat(Math.ceil(spaces / 2));
}
