/**
 * GPT-2's printable stand-ins for bytes: printable Latin-1 stands for itself, the other 68 bytes for U+0100 onwards in
 * their order. A vocabulary file writes its tokens in these letters.
 */
export const letterOfByte: readonly string[] = (() => {
  let aside = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : aside++);
  });
})();

const byteOfLetter = new Map(letterOfByte.map((letter, byte) => [letter, byte]));

/** The bytes in the order of their letters' code points: the order in which training numbers them. */
export const bytesByLetter: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) =>
  letterOfByte[a] < letterOfByte[b] ? -1 : 1,
);

export function toLetters(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += letterOfByte[byte];
  return letters;
}

/** The bytes that the letters stand for; null if one of them is no such letter. */
export function fromLetters(letters: string): Uint8Array | null {
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) {
    const byte = byteOfLetter.get(letters[i]);
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
