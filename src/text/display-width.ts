/** Code points that a terminal draws two columns wide (East Asian Width W and F, Unicode 16), beside emoji. */
const wideRanges: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1d300, 0x1d376],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
];

const printableAscii = /^[\x20-\x7e]*$/;
/** Combining marks, joiners, variation selectors, and the vowels and final consonants of Hangul syllables. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u1160-\u11ff\ud7b0-\ud7ff]$/u;
/** Emoji are one cluster of two columns, however many code points are joined in it. */
const emoji = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;

/** The columns that a terminal needs for a text; control characters count as none. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  return clustersOf(text).reduce((sum, cluster) => sum + clusterWidth(cluster), 0);
}

/**
 * The text if it fits in `width` columns, else its beginning and the ellipsis. A character is never cut, so the result
 * may be narrower by one column.
 *
 * @param ellipsis  left out where it does not fit itself
 */
export function cutToWidth(text: string, width: number, ellipsis = "…"): string {
  if (displayWidth(text) <= width) return text;
  const end = displayWidth(ellipsis) <= width ? ellipsis : "";
  return leading(clustersOf(text), width - displayWidth(end)).join("") + end;
}

/** As `cutToWidth`, but keeps the beginning and the end, where titles of similar jobs differ. */
export function cutInMiddle(text: string, width: number, ellipsis = "…"): string {
  const room = width - displayWidth(ellipsis);
  if (displayWidth(text) <= width || room < 2) return cutToWidth(text, width, ellipsis);
  const clusters = clustersOf(text);
  const end = leading(clusters.toReversed(), Math.floor(room / 2))
    .toReversed()
    .join("");
  return leading(clusters, room - displayWidth(end)).join("") + ellipsis + end;
}

/** The first clusters that fit. */
function leading(clusters: readonly string[], width: number): readonly string[] {
  let room = width;
  const end = clusters.findIndex((cluster) => (room -= clusterWidth(cluster)) < 0);
  return end < 0 ? clusters : clusters.slice(0, end);
}

function clustersOf(text: string): string[] {
  return [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)].map(({ segment }) => segment);
}

function clusterWidth(cluster: string): number {
  if (emoji.test(cluster)) return 2;
  return [...cluster].reduce((sum, character) => sum + characterWidth(character), 0);
}

function characterWidth(character: string): 0 | 1 | 2 {
  if (zeroWidth.test(character)) return 0;
  const code = character.codePointAt(0) as number;
  return wideRanges.some(([first, last]) => first <= code && code <= last) ? 2 : 1;
}
