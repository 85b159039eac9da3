import { createTarPacker } from "modern-tar";

export const blockBytes = 512;
/** What ends a tar file: two blocks of zeros. */
export const endBytes = 2 * blockBytes;

/** Zeros after the content of a member, up to the next block. */
export function paddingOf(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/**
 * The header of a regular file without owner and time, so that equal members have equal headers. From 8 GiB on, and for
 * a long path, it has three blocks: a pax header before the usual one.
 */
export async function tarHeader(path: string, bytes: number): Promise<Buffer> {
  const { readable, controller } = createTarPacker();
  controller.add({ name: path, size: bytes, type: "file", mode: 0o644, mtime: new Date(0) });
  const reader = readable.getReader();
  const blocks: Uint8Array[] = [];
  let read = 0;
  // Without a pax header one block, else its header, its records and the usual header.
  for (let wanted = blockBytes; read < wanted;) {
    const { value } = await reader.read();
    if (value === undefined) throw new Error(`no tar header for ${path}`);
    if (read === 0 && typeOf(value) === "x") wanted = recordBlocks(value) + 2 * blockBytes;
    blocks.push(value);
    read += value.length;
  }
  await reader.cancel();
  return Buffer.concat(blocks);
}

function typeOf(block: Uint8Array): string {
  return String.fromCharCode(block[156]);
}

function recordBlocks(header: Uint8Array): number {
  const bytes = parseInt(textOf(header, 124, 12), 8);
  return bytes + paddingOf(bytes);
}

function textOf(block: Uint8Array, at: number, length: number): string {
  return Buffer.from(block.subarray(at, at + length))
    .toString("utf8")
    .split("\0", 1)[0];
}

const types: Readonly<Record<string, string>> = {
  "0": "a regular file",
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "5": "a folder",
  "6": "a pipe",
};

/** What a block of a tar file claims to be, for messages: `a symbolic link "a"`. */
export function describeHeader(block: Uint8Array): string {
  if (block.length < blockBytes) return "the end of the file";
  if (block.every((byte) => byte === 0)) return "the end of the archive";
  const bytes = textOf(block, 124, 12);
  const name = JSON.stringify(textOf(block, 0, 100));
  return `${types[typeOf(block)] ?? "another header"} ${name}, ${bytes === "" ? "?" : parseInt(bytes, 8)} bytes`;
}
