import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { importsOf, linesOf, trackedFiles } from "./source-files.js";

const files = trackedFiles([".ts"]).filter((path) => path.startsWith("src/"));
const imports = new Map(files.map((path) => [path, importsOf(path).filter((target) => target.startsWith("src/"))]));

/** Groups of files of which each reaches each other by imports (Tarjan's strongly connected components). */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    lowest.set(file, index.get(file)!);
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== index.get(file)) return;
    const members = stack.splice(stack.indexOf(file)).sort();
    if (members.length > 1 || graph.get(file)?.includes(file)) found.push(members);
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found.sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
}

test("files import each other in no circle, types counted", () => {
  expect(imports.size).toBeGreaterThan(100);
  expect([...imports.values()].flat().length).toBeGreaterThan(500);
  const links = circles(imports).map((members) =>
    members.flatMap((from) => {
      const within = imports.get(from)!.filter((target) => members.includes(target));
      return within.map((to) => `${from} imports ${to}`);
    }),
  );
  expect(links).toEqual([]);
});

test("circles are found", () => {
  const graph = { a: ["b"], b: ["c", "d"], c: ["a"], d: ["d"], e: ["a"] };
  expect(circles(new Map(Object.entries(graph)))).toEqual([["a", "b", "c"], ["d"]]);
});

const room = (path: string) => path.split("/")[1];

/** The program files that a line names other than by import: by address, by path, or by the package's own name. */
function hiddenTargets(path: string, line: string): string[] {
  if (/^\s*(\*|\/\/|\/\*)/.test(line) || /(?:\bfrom|\bimport\(|^import)\s*"/.test(line)) return [];
  return [...line.matchAll(/["'`]((?:\.{1,2}\/|#strata\/)[\w./-]+\.[cm]?[jt]s)["'`]/g)].map(([, target]) =>
    target.startsWith("#strata/") ? `src/${target.slice("#strata/".length)}` : normalize(join(dirname(path), target)),
  );
}

test("no file reaches a module of another room by its address", () => {
  const named = files.flatMap((path) =>
    linesOf(path).flatMap((line, index) =>
      hiddenTargets(path, line).map((target) => ({ path, target, place: `${path}:${index + 1} names ${target}` })),
    ),
  );
  expect(named.filter(({ path, target }) => room(path) !== room(target)).map(({ place }) => place)).toEqual([]);
});

test("modules named by address are found", () => {
  const line = 'const program = fileURLToPath(new URL("../../cli/main.js", import.meta.url));';
  expect(hiddenTargets("src/jobs/local/local-executor.ts", line)).toEqual(["src/cli/main.js"]);
  expect(hiddenTargets("src/a/b.ts", 'require.resolve("#strata/c/d.js")')).toEqual(["src/c/d.js"]);
  expect(hiddenTargets("src/a/b.ts", 'import { d } from "../c/d.js";')).toEqual([]);
});
