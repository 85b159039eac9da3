/** `full` or a half-open range of layers; `embeddings`: embedding, final norm and head train too. */
export type WindowRecipe = "full" | { readonly first: number; readonly end: number; readonly embeddings: boolean };

/** `full`, `0-4` (half-open) or `0-4+embeddings`; null for any other text. */
export function parseWindow(text: string): WindowRecipe | null {
  if (text === "full") return "full";
  const match = /^(\d+)-(\d+)(\+embeddings)?$/.exec(text);
  return match && { first: Number(match[1]), end: Number(match[2]), embeddings: match[3] !== undefined };
}

export function formatWindowRecipe(window: WindowRecipe): string {
  return window === "full" ? "full" : `${window.first}-${window.end}${window.embeddings ? "+embeddings" : ""}`;
}
