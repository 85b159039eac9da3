// Reads a file's records and prints their number, the characters of a field and the peak resident memory of this
// process in bytes. Run npm run build, then: node test/corpus/read-once.mjs FILE FIELD
import { readFileSync } from "node:fs";
import { readRecordFile } from "#strata/corpus/records/formats/record-file.js";

const [path, field] = process.argv.slice(2);
let [records, characters] = [0, 0];
for await (const { record } of readRecordFile(path, { fields: [field], skip: 0, onBytes: () => {} })) {
  records++;
  characters += record[field].length;
}
const [, peak] = /VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
console.log(JSON.stringify({ records, characters, peak: Number(peak) * 1024 }));
