import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withMethodsReference } from "../../src/merge/methods/reference.js";
import { methodTable } from "../../src/merge/methods/table.js";
import { root } from "../architecture/source-files.js";

test("docs/merging.md lists the methods as their files describe them", () => {
  const page = readFileSync(join(root, "docs/merging.md"), "utf8");
  expect(methodTable.length).toBeGreaterThan(10);
  expect(page).toBe(withMethodsReference(page));
});
