import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocuments } from "../../../src/evaluate/harness/data/read-documents.js";
import { repr } from "../../../src/text/jinja/values/text.js";
import { temporaryFolder } from "../../temporary-folder.js";
import recorded from "./records.json" with { type: "json" };

const folder = temporaryFolder();

test.each(recorded.cases)("rows are those of the datasets library: $name", async ({ extension, text, documents }) => {
  const file = join(folder, `file.${extension}`);
  writeFileSync(file, text);
  expect(repr([...(await readDocuments([file], null)).documents])).toBe(documents);
});
