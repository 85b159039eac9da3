import type { WindowRecipe } from "./recipe.js";

/** `full`, `0-4` (half-open) or `0-4+outer`; null for another text. */
export function parseWindow(text: string): WindowRecipe | null {
  if (text === "full") return "full";
  const match = /^(\d+)-(\d+)(\+outer)?$/.exec(text);
  return match && { first: Number(match[1]), end: Number(match[2]), outer: match[3] !== undefined };
}

export function formatWindowRecipe(window: WindowRecipe): string {
  return window === "full" ? "full" : `${window.first}-${window.end}${window.outer ? "+outer" : ""}`;
}
