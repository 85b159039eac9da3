/**
 * GPT-2's `bytes_to_unicode`: a printable character for each byte. Printable Latin-1 bytes map to themselves, the other
 * 68 bytes to U+0100 onwards in ascending order. Byte-level vocabularies write their tokens in these characters.
 */
export const bytesToUnicode: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : next++);
  });
})();

const unicodeToBytes = new Map(bytesToUnicode.map((character, byte) => [character, byte]));

/** The bytes ordered by their characters' code points: training assigns ids to them in this order. */
export const bytesByCharacter: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) =>
  bytesToUnicode[a] < bytesToUnicode[b] ? -1 : 1,
);

export function toCharacters(bytes: Uint8Array): string {
  let characters = "";
  for (const byte of bytes) characters += bytesToUnicode[byte];
  return characters;
}

/** The inverse of `toCharacters`; null if a character represents no byte. */
export function fromCharacters(characters: string): Uint8Array | null {
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) {
    const byte = unicodeToBytes.get(characters[i]);
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
