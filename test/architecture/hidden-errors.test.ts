import { expect, test } from "vitest";
import { linesOf, trackedFiles } from "./source-files.js";

test("only files/read-text.ts reads text: Node's own way ends the process if a file cannot be closed", () => {
  const files = trackedFiles([".ts"]).filter((path) => path.startsWith("src/") && path !== "src/files/read-text.ts");
  expect(files.length).toBeGreaterThan(100);
  const withEncoding = /\breadFileSync\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*,[^()]*\)/;
  expect(files.filter((path) => withEncoding.test(linesOf(path).join("\n")))).toEqual([]);
});

test("only files/create-folder.ts creates folders: Node's `recursive` reports ENOENT for an I/O error", () => {
  const files = trackedFiles([".ts"]).filter((path) => path.startsWith("src/"));
  const creating = files.filter((path) => linesOf(path).some((line) => /\bmkdir(Sync)?\(/.test(line)));
  expect(creating).toEqual(["src/files/create-folder.ts"]);
});
