import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  ftruncateSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { createTarPacker, type TarHeader } from "modern-tar";
import { describe, expect, test } from "vitest";
import { manifestHashLine } from "../../src/files/archive/manifest.js";
import { extractArchive, openArchive } from "../../src/files/archive/read-archive.js";
import { paddingOf, tarHeader } from "../../src/files/archive/tar-header.js";
import { contentMember, planArchive, writeArchive } from "../../src/files/archive/write-archive.js";
import { hashBytes } from "../../src/files/hash.js";
import { StrataError } from "../../src/errors/strata-error.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const long = `jobs/${"long-".repeat(30)}/${"name-".repeat(20)}.bin`;
const contents = { "a.txt": "text", "jobs/b/empty": "", "jobs/b/large": "0123456789".repeat(300_000), [long]: "long" };
const members = Object.entries(contents).map(([path, content]) => contentMember(path, content));
const freeBytes = Infinity;

async function written(name: string, description: object = {}): Promise<string> {
  const path = join(folder, name);
  await writeArchive(path, planArchive(description, members));
  return path;
}

/** Opens and extracts an archive. @returns the message of its refusal; null if it was accepted */
async function refusal(path: string): Promise<string | null> {
  const target = join(folder, "refused");
  rmSync(target, { recursive: true, force: true });
  try {
    await extractArchive(await openArchive(path), target, { freeBytes });
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(StrataError);
    return (error as StrataError).message;
  }
}

test("an archive gives back its members, and tar lists and extracts it", async () => {
  const path = await written("whole.strata", { kind: "test" });
  const archive = await openArchive(path);
  expect(archive.manifest).toMatchObject({ kind: "test", format: "strata-pack", formatVersion: 1 });
  expect(archive.bytes).toBe(Object.values(contents).join("").length);
  const target = join(folder, "whole");
  await extractArchive(archive, target, { freeBytes });
  for (const [name, content] of Object.entries(contents))
    expect(readFileSync(join(target, name), "utf8")).toBe(content);
  const listed = execFileSync("tar", ["tf", path], { encoding: "utf8" }).trimEnd().split("\n");
  expect(listed).toEqual(["manifest.json", "manifest.sha256", ...Object.keys(contents)]);
  const tarred = join(folder, "tarred");
  mkdirSync(tarred);
  execFileSync("tar", ["xf", path, "-C", tarred]);
  expect(readFileSync(join(tarred, long), "utf8")).toBe("long");
  execFileSync("sha256sum", ["-c", "manifest.sha256"], { cwd: tarred });
});

test("the header of a member above 8 GiB is read by tar", async () => {
  const bytes = 9 * 2 ** 30 + 5;
  const header = await tarHeader("big.bin", bytes);
  expect(header.length).toBe(3 * 512);
  const path = join(folder, "big.tar");
  const file = openSync(path, "w");
  writeSync(file, header);
  ftruncateSync(file, header.length + bytes + paddingOf(bytes) + 1024);
  closeSync(file);
  expect(execFileSync("tar", ["tvf", path], { encoding: "utf8" })).toContain(` ${bytes} `);
});

test("a flipped bit anywhere is refused", async () => {
  const path = join(folder, "bits.strata");
  await writeArchive(
    path,
    planArchive({ kind: "test" }, [contentMember("a", "text"), contentMember("b/c", "x".repeat(700))]),
  );
  const good = readFileSync(path);
  const bad = join(folder, "bad.strata");
  const accepted: number[] = [];
  let tried = 0;
  for (let at = 0; at < good.length; at += 11, tried++) {
    const bytes = Buffer.from(good);
    bytes[at] ^= 1 << (tried % 8);
    writeFileSync(bad, bytes);
    const message = await refusal(bad);
    if (message === null) accepted.push(at);
    else expect(message).toContain("bad.strata");
  }
  expect(tried).toBeGreaterThan(500);
  expect(accepted).toEqual([]);
});

test("a truncated or longer file is refused before anything is extracted", async () => {
  const good = readFileSync(await written("lengths.strata"));
  const path = join(folder, "length.strata");
  for (const length of [0, 1, 511, 512, 1000, 2048, 4096, 100_000, good.length - 1025, good.length - 1]) {
    writeFileSync(path, good.subarray(0, length));
    expect(await refusal(path), `${length} bytes`).toMatch(/length\.strata/);
    expect(existsSync(join(folder, "refused"))).toBe(false);
  }
  writeFileSync(path, Buffer.concat([good, Buffer.alloc(512)]));
  expect(await refusal(path)).toContain("the sum of its manifest");
});

describe("an archive that another program wrote is refused", () => {
  type Entry = Omit<TarHeader, "size"> & { readonly content?: string; readonly size?: number };

  /** A tar with a manifest of `listed`, then `entries`. */
  async function forged(listed: readonly object[], entries: readonly Entry[]): Promise<string> {
    const manifest = JSON.stringify({ format: "strata-pack", formatVersion: 1, members: listed });
    const all: Entry[] = [
      { name: "manifest.json", content: manifest },
      { name: "manifest.sha256", content: manifestHashLine(hashBytes(manifest)).toString() },
      ...entries,
    ];
    const { readable, controller } = createTarPacker();
    const packing = (async () => {
      for (const { content = "", ...entry } of all) {
        const writer = controller.add({ mode: 0o644, mtime: new Date(0), ...entry, size: content.length }).getWriter();
        if (content.length > 0) await writer.write(Buffer.from(content));
        await writer.close();
      }
      controller.finalize();
    })();
    const chunks: Uint8Array[] = [];
    for await (const chunk of readable) chunks.push(chunk);
    await packing;
    const path = join(folder, "forged.strata");
    writeFileSync(path, Buffer.concat(chunks));
    return path;
  }
  const listed = (path: string, content = "evil") => {
    const { bytes, sha256 } = contentMember(path, content);
    return { path, bytes, sha256 };
  };

  test.each(["../evil", "/evil", "a/../../evil", "a//b", "./a", "a\\b", "C:evil", "a\0b", "", "a\nb"])(
    "with the path %j",
    async (name) => {
      const message = await refusal(await forged([listed(name)], [{ name: "evil", content: "evil" }]));
      expect(message).toContain("a path inside the folder that it is extracted to");
      expect(existsSync(join(folder, "refused"))).toBe(false);
    },
  );

  test.each([
    ["symlink", "a symbolic link"],
    ["link", "a hard link"],
    ["character-device", "a character device"],
    ["block-device", "a block device"],
    ["fifo", "a pipe"],
  ] as const)("with a %s in place of a file", async (type, described) => {
    const empty = listed("evil", "");
    const path = await forged([empty], [{ name: "evil", type, linkname: "/etc/passwd" }]);
    expect(await refusal(path)).toContain(`got ${described} "evil"`);
    expect(readdirSync(folder)).not.toContain("evil");
  });

  test("with a member twice, one that is not listed, or one that is missing", async () => {
    const entry = { name: "evil", content: "evil" };
    expect(await refusal(await forged([listed("evil"), listed("evil")], [entry, entry]))).toContain("each member once");
    expect(await refusal(await forged([listed("evil")], [entry, entry]))).toContain("the sum of its manifest");
    expect(await refusal(await forged([listed("evil")], []))).toContain("the sum of its manifest");
    expect(await refusal(await forged([listed("other")], [entry]))).toContain('got a regular file "evil"');
    expect(await refusal(await forged([listed("a"), listed("a/b")], [entry, entry]))).toContain("a folder a");
  });

  test("with another size or content than the manifest's", async () => {
    const entry = { name: "evil", content: "evil" };
    expect(await refusal(await forged([listed("evil", "evil!")], [entry]))).toContain("the header of");
    expect(await refusal(await forged([listed("evil", "good")], [entry]))).toContain(
      "forged.strata evil — expected sha256",
    );
    const huge = { ...listed("evil"), bytes: 2 ** 50 };
    expect(await refusal(await forged([huge], [entry]))).toContain(`the sum of its manifest`);
    for (const bytes of [-1, 1.5, "4", null, 2 ** 60])
      expect(await refusal(await forged([{ ...listed("evil"), bytes }], [entry]))).toContain("a size in bytes");
  });
});

test("a disk without room is found before anything is written", async () => {
  const archive = await openArchive(await written("room.strata"));
  const target = join(folder, "room");
  await expect(extractArchive(archive, target, { freeBytes: archive.bytes - 1 })).rejects.toThrow(
    `${archive.bytes} bytes of free disk`,
  );
  expect(existsSync(target)).toBe(false);
});

test("a member that changed since it was hashed is an error, and no archive is written", async () => {
  const source = join(folder, "source");
  writeFileSync(source, "good");
  const member = { ...contentMember("a", "good"), source };
  writeFileSync(source, "evil");
  const path = join(folder, "changed.strata");
  await expect(writeArchive(path, planArchive({}, [member]))).rejects.toThrow(`${source} — expected sha256`);
  expect(readdirSync(folder).filter((name) => name.startsWith("changed"))).toEqual([]);
});
