import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as library from "../../src/index.js";
import { root } from "../architecture/source-files.js";

const page = readFileSync(join(root, "docs/library.md"), "utf8");
const examples = [...page.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);

test("docs/library.md lists every export that is a value, and no other", () => {
  const table = page.slice(page.indexOf("## Exports"));
  const listed = [...table.matchAll(/^\| [\w, ]+ \| (`.+) \|$/gm)].flatMap(([, row]) =>
    [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(listed.sort()).toEqual(Object.keys(library).sort());
});

test("the examples of docs/library.md import what there is", () => {
  const imported = examples.flatMap((code) => /import \{ (.+) \} from "strata"/.exec(code)![1].split(", "));
  expect(imported.length).toBeGreaterThan(5);
  expect(imported.filter((name) => !(name in library))).toEqual([]);
});

test("the example that uses a model prints a text", () => {
  const code = examples.find((example) => example.includes('"my-model"'))!;
  // The package finds itself by its name only from within its folder.
  const script = join(root, `library-example-${process.pid}.mjs`);
  writeFileSync(script, code.replace('"my-model"', '"test/golden/gguf/untied"'));
  try {
    expect(execFileSync(process.execPath, [script], { cwd: root, encoding: "utf8" }).length).toBeGreaterThan(1);
  } finally {
    rmSync(script);
  }
});
