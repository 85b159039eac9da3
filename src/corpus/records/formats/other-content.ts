import { DamagedFile } from "../read-record.js";

/** A kind of content by its first bytes. None of them is the start of a text in UTF-8 that has records. */
interface Kind {
  readonly name: string;
  readonly starts: (bytes: Buffer) => boolean;
  readonly hint: string;
}

const signature = (text: string) => (bytes: Buffer) =>
  bytes.subarray(0, text.length).equals(Buffer.from(text, "latin1"));
const zeros = (bytes: Buffer, at: readonly number[]) => bytes.length >= 4 && at.every((i) => bytes[i] === 0);
const toUtf8 = "Convert the file to UTF-8: `iconv -f UTF-16 -t UTF-8 OLD > NEW`.";
const decompress = "Decompress the file, or compress it with gzip or zstd instead.";

const kinds: readonly Kind[] = [
  { name: "UTF-32 text", starts: signature("\xff\xfe\0\0"), hint: toUtf8.replaceAll("UTF-16", "UTF-32") },
  {
    name: "UTF-16 text",
    starts: (bytes) => signature("\xff\xfe")(bytes) || signature("\xfe\xff")(bytes),
    hint: toUtf8,
  },
  { name: "UTF-16 text", starts: (bytes) => bytes[0] > 0 && bytes[2] > 0 && zeros(bytes, [1, 3]), hint: toUtf8 },
  { name: "UTF-16 text", starts: (bytes) => bytes[1] > 0 && bytes[3] > 0 && zeros(bytes, [0, 2]), hint: toUtf8 },
  { name: "a parquet file", starts: signature("PAR1"), hint: "Give the file the extension .parquet." },
  { name: "a zip archive", starts: signature("PK\x03\x04"), hint: decompress },
  { name: "xz data", starts: signature("\xfd7zXZ\0"), hint: decompress },
  { name: "bzip2 data", starts: (bytes) => /^BZh[1-9]1AY&SY/.test(bytes.toString("latin1", 0, 10)), hint: decompress },
];

/** @param start  the first bytes of a file, decompressed @throws DamagedFile if it is certainly not text in UTF-8 */
export function refuseOtherContent(path: string, start: Buffer): void {
  const kind = kinds.find(({ starts }) => starts(start));
  if (kind) throw new DamagedFile(path, "text in UTF-8", kind.name, { hint: kind.hint });
}
