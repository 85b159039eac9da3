// Reads a file's records and prints their number, the letters of a field, and the largest resident memory of this
// process. node test/corpus/read-once.mjs FILE FIELD, after npm run build
import { readFileSync } from "node:fs";
import { readRecordFile } from "#strata/corpus/records/formats/record-file.js";

const [path, field] = process.argv.slice(2);
let [records, letters] = [0, 0];
for await (const { record } of readRecordFile(path, { fields: [field], skip: 0, onBytes: () => {} })) {
  records++;
  letters += record[field].length;
}
const [, peak] = /VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
console.log(JSON.stringify({ records, letters, peak: Number(peak) * 1024 }));
