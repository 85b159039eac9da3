import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { finishedStore, stoppedStore } from "../lab.mjs";
import { settle } from "../settle.mjs";

/** `train-HASH/model/model.safetensors` → `train model.safetensors`: each kind of file is chosen equally often. */
const kindOf = (path) => `${/jobs\/(\w+)-/.exec(path)?.[1] ?? "run"} ${basename(path).replace(/\d+/g, "N")}`;

/** Logs are for readers only: no run reads them. */
const isDamageable = (path) => !path.endsWith("log.txt");

/**
 * One file of a stopped or a finished run is cut short, or one of its bits is flipped.
 *
 * @param choice  when the run is interrupted (see `stoppedStore`), how the file is damaged and which; by default random
 */
export async function tryDamage(lab, random, { when, how, matching = /./ } = {}) {
  const isFinished = when === undefined && random.chance(0.35);
  const store = isFinished ? finishedStore(lab) : await stoppedStore(lab, random, when);
  const file = pickFile(store, random, matching);
  if (file === undefined) return { store, hits: 0, outcome: "survived", detail: "the store is empty" };
  const { size } = statSync(file);
  const done = (how ?? (random.chance(0.5) ? "cut" : "flip")) === "cut" ? cut(file, size, random) : flip(file, random);
  const detail = `${relative(store, file)} of a ${isFinished ? "finished" : "stopped"} run ${done}`;
  const result = await settle(lab, store);
  return { store, hits: 1, ...result, detail: `${detail}. ${result.detail}` };
}

function pickFile(store, random, matching) {
  const files = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => isDamageable(path) && matching.test(path) && statSync(path).size > 0)
    .sort();
  const kinds = [...new Set(files.map(kindOf))];
  if (kinds.length === 0) return undefined;
  const kind = random.pick(kinds);
  return random.pick(files.filter((path) => kindOf(path) === kind));
}

function cut(file, size, random) {
  const length = random.integer(size);
  truncateSync(file, length);
  return `cut from ${size} to ${length} bytes`;
}

function flip(file, random) {
  const bytes = readFileSync(file);
  const [at, bit] = [random.integer(bytes.length), random.integer(8)];
  bytes[at] ^= 1 << bit;
  writeFileSync(file, bytes);
  return `with bit ${bit} of byte ${at} flipped`;
}

export const damage = {
  name: "damage",
  title: "file cut short, or a bit of it flipped",
  count: 60,
  run: (lab, random) => tryDamage(lab, random),
};
