import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readText } from "./files/read-text.js";

/** The git commit of the checkout that contains this program; null without one, as in an installed package. */
export function checkoutCommit(root = fileURLToPath(new URL("../", import.meta.url))): string | null {
  const git = join(root, ".git");
  const text = (path: string) => (existsSync(join(git, path)) ? readText(join(git, path)).trim() : null);
  const head = text("HEAD");
  const reference = head?.match(/^ref: (.+)$/)?.[1];
  if (!reference) return head;
  const packed = text("packed-refs")
    ?.split("\n")
    .find((line) => line.endsWith(` ${reference}`));
  return text(reference) ?? packed?.slice(0, 40) ?? null;
}
