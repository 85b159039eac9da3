/** The ids of the tokens `<0x00>` to `<0xFF>` that stand for bytes of characters outside a vocabulary; undefined where there is none. */
export function listByteTokens(vocabulary: ReadonlyMap<string, number>): readonly (number | undefined)[] {
  return Array.from({ length: 256 }, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
  );
}

/** The byte that such a token stands for, or null. */
export function byteOfToken(token: string): number | null {
  return /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : null;
}

/** The tokens for the bytes of a character; null if one of them is missing. */
export function byteTokensOf(character: string, byteTokens: readonly (number | undefined)[]): number[] | null {
  const ids: number[] = [];
  for (const byte of Buffer.from(character, "utf8")) {
    const id = byteTokens[byte];
    if (id === undefined) return null;
    ids.push(id);
  }
  return ids;
}
