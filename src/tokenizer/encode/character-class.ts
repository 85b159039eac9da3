/** The character classes that the patterns of byte-level tokenizers distinguish. */
export const characterClass = { other: 0, letter: 1, number: 2, space: 3, newline: 4 } as const;

let listed: Uint8Array | null = null;

/** The class of each UTF-16 unit; surrogates are `other`. All callers share the table. */
export function listClasses(): Readonly<Uint8Array> {
  listed ??= createClasses();
  return listed;
}

function createClasses(): Uint8Array {
  const classes = new Uint8Array(0x10000);
  // Surrogates are replaced: in ascending order they would form pairs.
  const all = Array.from({ length: 0x10000 }, (_, unit) =>
    unit >= 0xd800 && unit <= 0xdfff ? "\0" : String.fromCharCode(unit),
  ).join("");
  for (const [pattern, value] of [
    [/\p{L}+/gu, characterClass.letter],
    [/\p{N}+/gu, characterClass.number],
    [/\p{White_Space}+/gu, characterClass.space],
    [/[\r\n]+/gu, characterClass.newline],
  ] as const) {
    for (const { 0: run, index } of all.matchAll(pattern)) classes.fill(value, index, index + run.length);
  }
  return classes;
}

/** The class of a character above U+FFFF; none of these is white space. */
export function classBeyond(character: string): number {
  return /\p{L}/u.test(character)
    ? characterClass.letter
    : /\p{N}/u.test(character)
      ? characterClass.number
      : characterClass.other;
}
