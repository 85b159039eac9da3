import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { version } from "../../src/version.js";

/** From the top down: a room may import those that stand after it. */
const rooms = [
  "cli",
  "dashboard",
  "search",
  "run",
  "jobs",
  "recipe",
  "plan",
  "report",
  "train",
  "merge",
  "evaluate",
  "convert",
  "corpus",
  "hub",
  "model",
  "tokenizer",
  "device",
  "tensor",
  "text",
  "files",
  "errors",
];
/** Above all rooms: the library entry, and what is known of the program itself. */
const entry = ["index.ts", "run-with-program.ts"];
const facts = ["version.ts", "commit.ts"];
const source = join(import.meta.dirname, "../../src");

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? sourceFiles(path) : path.endsWith(".ts") ? [path] : [];
  });
}

it("every file is in a room", () => {
  const places = new Set(sourceFiles(source).map((file) => relative(source, file).split("/")[0]));
  expect([...places].sort()).toEqual([...rooms, ...entry, ...facts].sort());
});

it("imports go downwards only, addresses of modules too", () => {
  const broken: string[] = [];
  let seen = 0;
  for (const file of sourceFiles(source)) {
    const from = relative(source, file).split("/")[0];
    if (!rooms.includes(from)) continue;
    for (const [, target] of readFileSync(file, "utf8").matchAll(/(?:from|import\(|new URL\()\s*"(\.[^"]+)"/g)) {
      const to = relative(source, join(dirname(file), target)).split("/")[0];
      if (facts.includes(to.replace(/\.js$/, ".ts"))) continue;
      seen++;
      // What is outside of src, such as the compiled addon, is no module of a room.
      if (to !== ".." && rooms.indexOf(to) < rooms.indexOf(from))
        broken.push(`${relative(source, file)} imports ${target}`);
    }
  }
  expect(seen).toBeGreaterThan(100);
  expect(broken).toEqual([]);
});

it("only cli prints, exits and reads the environment", () => {
  const broken = sourceFiles(source)
    .filter((file) => relative(source, file).split("/")[0] !== "cli")
    .filter((file) => /console\.|process\.(stdout|stderr|exit\b|env)/.test(readFileSync(file, "utf8")));
  expect(broken.map((file) => relative(source, file))).toEqual([]);
});

it("tests make temporary folders in one way, which removes them", () => {
  const made = sourceFiles(join(source, "../test")).filter((file) => /mkdtempSync\(/.test(readFileSync(file, "utf8")));
  expect(made.map((file) => relative(source, file))).toEqual(["../test/temporary-folder.ts"]);
});

it("files are appended to in one way, which tells of a full disk", () => {
  const appending = sourceFiles(source).filter((file) => readFileSync(file, "utf8").includes("appendFileSync("));
  expect(appending.map((file) => relative(source, file))).toEqual(["files/atomic-file.ts"]);
});

it("the version in the code is that of package.json", () => {
  const { version: packaged } = JSON.parse(readFileSync(join(source, "../package.json"), "utf8")) as {
    version: string;
  };
  expect(version).toBe(packaged);
});
