/** By byte: the id of its byte-fallback token `<0x00>` … `<0xFF>`, or undefined. */
export function listByteTokens(vocabulary: ReadonlyMap<string, number>): readonly (number | undefined)[] {
  return Array.from({ length: 256 }, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
  );
}

/** The byte of a byte-fallback token; null for any other token. */
export function byteOfToken(token: string): number | null {
  return /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : null;
}

/** The byte-fallback tokens of a character; null if the vocabulary lacks one of them. */
export function byteTokensOf(character: string, byteTokens: readonly (number | undefined)[]): number[] | null {
  const ids: number[] = [];
  for (const byte of Buffer.from(character, "utf8")) {
    const id = byteTokens[byte];
    if (id === undefined) return null;
    ids.push(id);
  }
  return ids;
}
