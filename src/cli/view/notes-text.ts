/** A line for each note, which ends without a full stop. */
export function notesText(notes: readonly string[]): string {
  return notes.map((note) => `Note: ${note}.\n`).join("");
}
