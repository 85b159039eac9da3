/**
 * A glob as a regular expression: `*` any characters, `?` one character, `[a-z]` a set, `[!a-z]` its complement.
 *
 * @param star  the expression for `*`
 */
function translate(pattern: string, star: string): string {
  return pattern.replace(/\[(!?)(\]?[^\]]*)\]|[\s\S]/g, (text, not: string | undefined, set: string | undefined) => {
    if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\\][^]/g, "\\$&")}]`;
    if (text === "*") return star;
    return text === "?" ? star.replace(/\*$/, "") : text.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
}

/** As in huggingface_hub's allow and ignore patterns: `*` also matches `/`, and `data/` matches all files in it. */
export function matchesAny(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => new RegExp(`^${translate(pattern.replace(/\/$/, "/*"), ".*")}$`, "s").test(path));
}

/** As in `data_files` of data sets: `*` does not match `/`, `**` matches any folders. */
export function matchesGlob(path: string, pattern: string): boolean {
  const parts = pattern
    .replace(/^\.\//, "")
    .split("/")
    .map((part) => (part === "**" ? null : translate(part, "[^/]*")));
  const expression = parts
    .map((part, i) => {
      const isLast = i === parts.length - 1;
      if (part === null) return isLast ? ".*" : "(?:[^/]+/)*";
      return isLast ? part : `${part}/`;
    })
    .join("");
  return new RegExp(`^${expression}$`, "s").test(path);
}

export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}
