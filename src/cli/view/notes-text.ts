/** A line for each sentence that the user should know about a model's files. */
export function notesText(notes: readonly string[]): string {
  return notes.map((note) => `Note: ${note}.\n`).join("");
}
