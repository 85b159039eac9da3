/**
 * `node encode-documents.js TOKENIZER DOCUMENTS OUT`: the ids of each line of a JSONL file of strings, as int32: their
 * number, then the ids. OUT.texts has a line for what each is decoded to without special tokens.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { openTokenizer } from "#strata/tokenizer/tokenizer.js";

const [tokenizerPath, documentsPath, outPath] = process.argv.slice(2);
const tokenizer = openTokenizer(tokenizerPath);
const texts: string[] = [];
const out = openSync(outPath, "w");
for (const line of readFileSync(documentsPath, "utf8").split("\n")) {
  if (line === "") continue;
  const ids = tokenizer.encode(JSON.parse(line) as string, { addSpecialTokens: true });
  writeSync(out, Int32Array.from([ids.length].concat(ids)));
  texts.push(tokenizer.decode(ids, { skipSpecial: true }));
}
closeSync(out);
const texted = openSync(`${outPath}.texts`, "w");
for (const text of texts) writeSync(texted, `${JSON.stringify(text)}\n`);
closeSync(texted);
