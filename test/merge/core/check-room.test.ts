import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkRoom } from "../../../src/merge/execute/check-room.js";
import { temporaryFolder } from "../../temporary-folder.js";

test("what an interrupted merge has written needs no more room", () => {
  const out = join(temporaryFolder(), "merged");
  const check = (free: number) => checkRoom({ totalBytes: 3e6 }, out, () => free);
  check(3e6);
  expect(() => check(2e6)).toThrow("merged — expected 3.0 MB of free disk, got 2.0 MB");
  mkdirSync(`${out}.partial`);
  writeFileSync(`${out}.partial/model.safetensors`, new Uint8Array(1.5e6).fill(1));
  check(2e6);
  expect(() => check(1e6)).toThrow("of free disk, got 1.0 MB");
});
