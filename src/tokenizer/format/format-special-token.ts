/** A special token as an entry of `added_tokens` in a tokenizer.json. */
export function formatSpecialToken(content: string, id: number): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
