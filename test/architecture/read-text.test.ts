import { expect, test } from "vitest";
import { linesOf, trackedFiles } from "./source-files.js";

test("only files/read-text.ts reads text: Node's own way ends the process if a file cannot be closed", () => {
  const files = trackedFiles([".ts"]).filter((path) => path.startsWith("src/") && path !== "src/files/read-text.ts");
  expect(files.length).toBeGreaterThan(100);
  const withEncoding = /\breadFileSync\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*,[^()]*\)/;
  expect(files.filter((path) => withEncoding.test(linesOf(path).join("\n")))).toEqual([]);
});
