/**
 * `node read-texts.js FILE TEMPLATE OUT` reads the documents of a data file. OUT has one line per text, as JSON. A
 * template without braces is the name of a field.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { readDocuments } from "#strata/corpus/documents/documents.js";

const [path, template, outPath] = process.argv.slice(2);
const text = template.includes("{") ? { template } : { field: template };
const out = openSync(outPath, "w");
for await (const document of readDocuments({ files: [path], text })) {
  writeSync(out, `${JSON.stringify(document.text)}\n`);
}
closeSync(out);
