// npm run compare -- REV [--recipe FILE] [--set KEY=VALUE …] [--fresh]
//
// Trains a recipe (by default the demo) at REV and at HEAD, each in a temporary clone, and compares the hash of every
// job output, to prove that a refactoring changes no byte. The hashes of a commit are cached in runs/compare, because
// the same seed gives the same bytes on one machine; --fresh trains again. Exit status: 0 equal
// (but for renamed keys of JSON files), 1 different, 2 failed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compareOutputs } from "./compare-outputs.mjs";
import { hashTensors } from "./hash-tensors.mjs";

const checkout = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** JSON files up to this many bytes are kept, to distinguish renamed keys from changed values. */
const largestJson = 2 ** 20;

function run(folder, command, args, visible = false) {
  const result = spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", visible ? "inherit" : "pipe", visible ? "inherit" : "pipe"],
    maxBuffer: 2 ** 26,
  });
  if (result.status !== 0) {
    const output = result.error ?? `${result.stderr ?? ""}${result.stdout ?? ""}`.trim();
    throw new Error(`${command} ${args.join(" ")} failed in ${folder}\n${output}`);
  }
  return (result.stdout ?? "").trim();
}

const read = (path) => (existsSync(path) ? readFileSync(path, "utf8") : null);

/** A commit with the same lock file uses the node_modules of this checkout; the addon is recompiled only if needed. */
function install(clone) {
  const modules = join(checkout, "node_modules");
  const lock = "package-lock.json";
  if (existsSync(modules) && read(join(checkout, lock)) === read(join(clone, lock)))
    symlinkSync(modules, join(clone, "node_modules"));
  else run(clone, "npm", ["ci", "--ignore-scripts"]);
  const built = join(checkout, "native/build");
  if (existsSync(built)) cpSync(built, join(clone, "native/build"), { recursive: true });
  run(clone, process.execPath, ["native/build.mjs"]);
  run(clone, "npm", ["run", "build"]);
}

/** The outputs of every job of the runs in `clone`. */
function collectOutputs(clone) {
  const jobs = join(clone, "runs/jobs");
  return readdirSync(jobs)
    .sort()
    .map((name) => {
      const { title, outputs } = JSON.parse(readFileSync(join(jobs, name, "done.json"), "utf8"));
      const entries = Object.entries(outputs).map(([path, { sha256, bytes }]) => {
        const file = join(jobs, name, path);
        if (path.endsWith(".safetensors")) return [path, { sha256: hashTensors(file) }];
        const isJson = /\.jsonl?$/.test(path) && bytes <= largestJson;
        return [path, isJson ? { sha256, json: readFileSync(file, "utf8") } : { sha256 }];
      });
      return { title, outputs: Object.fromEntries(entries) };
    });
}

function outputsAt(commit, recipe, overrides, fresh) {
  const settings = JSON.stringify(["without identity", recipe, overrides, cpus()[0]?.model, process.arch]);
  const key = createHash("sha256").update(settings).digest("hex").slice(0, 8);
  const kept = join(checkout, "runs/compare", `${commit}-${key}.json`);
  if (!fresh && existsSync(kept)) {
    console.error(`${commit.slice(0, 10)}: using the hashes of an earlier comparison`);
    return JSON.parse(readFileSync(kept, "utf8"));
  }
  const folder = mkdtempSync(join(tmpdir(), "strata-compare-"));
  try {
    console.error(`${commit.slice(0, 10)}: installing and training ${recipe}`);
    const clone = join(folder, "strata");
    run(checkout, "git", ["clone", "--quiet", "--no-checkout", checkout, clone]);
    run(clone, "git", ["checkout", "--quiet", commit]);
    install(clone);
    const sets = overrides.flatMap((value) => ["--set", value]);
    run(clone, process.execPath, ["dist/cli/main.js", "run", recipe, "--runs", "runs", ...sets], true);
    const outputs = collectOutputs(clone);
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, JSON.stringify(outputs));
    return outputs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      recipe: { type: "string", default: "recipes/demo.yaml" },
      set: { type: "string", multiple: true, default: [] },
      fresh: { type: "boolean", default: false },
    },
  });
  if (positionals.length !== 1)
    throw new Error("npm run compare -- REV — expected one revision to compare this commit with");
  const commitOf = (rev) => run(checkout, "git", ["rev-parse", "--verify", `${rev}^{commit}`]);
  const [before, after] = [commitOf(positionals[0]), commitOf("HEAD")];
  if (run(checkout, "git", ["status", "--porcelain"]) !== "") {
    console.error("The checkout has uncommitted changes, which are not part of the comparison.");
  }
  const outputs = [before, after].map((commit) => outputsAt(commit, values.recipe, values.set, values.fresh));
  const { equal, lines, onlyRenamed } = compareOutputs(...outputs);
  for (const line of lines) console.log(line);
  const jobs = `${equal} of ${outputs[1].length} jobs of ${values.recipe}`;
  if (lines.length === 0)
    console.log(`all equal: ${jobs} have the same outputs at ${before.slice(0, 10)} and ${after.slice(0, 10)}`);
  else if (onlyRenamed)
    console.log(`all equal but for renamed keys: ${jobs} have the same bytes, the others equal values`);
  else console.log(`not equal: ${jobs} have the same outputs, ${lines.length} differences above`);
  return lines.length === 0 || onlyRenamed ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
