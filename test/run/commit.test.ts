import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkoutCommit } from "../../src/commit.js";
import { temporaryFolder } from "../temporary-folder.js";

it("the commit is read from a branch, a packed branch or a detached head; without a checkout there is none", () => {
  const root = temporaryFolder();
  expect(checkoutCommit(root)).toBe(null);
  const [branch, packed, detached] = ["a", "b", "c"].map((letter) => letter.repeat(40));
  mkdirSync(join(root, ".git/refs/heads"), { recursive: true });
  writeFileSync(join(root, ".git/HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(root, ".git/packed-refs"), `# pack-refs with: peeled\n${packed} refs/heads/main\n`);
  expect(checkoutCommit(root)).toBe(packed);
  writeFileSync(join(root, ".git/refs/heads/main"), `${branch}\n`);
  expect(checkoutCommit(root)).toBe(branch);
  writeFileSync(join(root, ".git/HEAD"), `${detached}\n`);
  expect(checkoutCommit(root)).toBe(detached);
});
