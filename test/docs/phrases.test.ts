import { expect, test } from "vitest";
import { linesOf, trackedFiles } from "../architecture/source-files.js";

/** Phrases that read as translated, each with what to write. Pages under docs/results are records and stay as they are. */
const phrases: readonly { readonly phrase: RegExp; readonly write: string }[] = [
  { phrase: /\b(goes|go|went|gone|going) on\b/g, write: "continues, resumes, or the verb itself" },
  { phrase: /\bof (its|their) own\b/g, write: "own, separate: its own process" },
  { phrase: /\banew\b/g, write: "again, or a verb with re-: rewrites" },
  { phrase: /\b(is|are|was|were) told\b/g, write: "is reported, or who reports it" },
  { phrase: /\b(lies|lie|lay) (aside|beside|in|on|there|about|behind)\b/g, write: "is in, is stored in, is next to" },
  { phrase: /\b(stands|stand|stood) (there|beside|behind|in|on|side by side)\b/g, write: "is, follows, precedes" },
  { phrase: /\bmade up\b|\bmade-up\b/g, write: "synthetic" },
  { phrase: /\b(is|are) brought to\b/g, write: "is downloaded to" },
  { phrase: /\bno (one|other)'s\b/g, write: "not shared" },
  { phrase: /\bat most so (many|much)\b|\bfirst so (many|much)\b/g, write: "at most this many, the first N" },
  { phrase: /\ban own\b/g, write: "a separate one, or whose: Strata's own engine" },
  { phrase: /\bto the letter\b/g, write: "byte for byte" },
  { phrase: /\bin the paper's nine ways\b/g, write: "with the paper's nine strategies" },
];

const pages = trackedFiles([".md"]).filter((path) =>
  /^(README|CONTRIBUTING|CHANGELOG)\.md$|^docs\/[^/]+\.md$/.test(path),
);

test("pages are written in plain technical English", () => {
  for (const page of ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"])
    expect(pages).toContain(page);
  const found = pages.flatMap((page) => {
    const text = linesOf(page).join("\n");
    return phrases.flatMap(({ phrase, write }) =>
      // A phrase may go over the end of a line.
      [...text.replaceAll("\n", " ").matchAll(phrase)].map(
        ({ 0: words, index }) => `${page}:${text.slice(0, index).split("\n").length} "${words}": write ${write}`,
      ),
    );
  });
  expect(found).toEqual([]);
});
