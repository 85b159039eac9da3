import { StrataError } from "../../../../errors/strata-error.js";
import { DamagedFile, type FileOptions, type ReadRecord } from "../../read-record.js";
import { readBytes } from "../read-bytes.js";
import { columnNames, fieldsOf } from "./fields.js";
import { splitRows } from "./split-rows.js";

/**
 * Reads rows under a header, as Python's csv module and pandas: a quoted field may contain separators, line breaks and
 * doubled quotes. Every value is a string; blank lines are skipped.
 *
 * @param separator  one ASCII character
 * @throws StrataError if the header has another separator, and not the wanted fields
 */
export async function* readCsv(
  path: string,
  separator: string,
  { skip, onBytes, fields: wanted }: FileOptions,
): AsyncIterable<ReadRecord> {
  let names: readonly string[] | null = null;
  let count = 0;
  for await (const row of splitRows(readBytes(path, onBytes), separator, path)) {
    if (names !== null) {
      if (count++ < skip) continue;
      yield "error" in row ? row : recordOf(names, fieldsOf(row.text, separator), `${path}:${row.line}`);
    } else if ("error" in row) {
      const { where, expected, got } = row.error.parts;
      throw new DamagedFile(where, `a header: ${expected}`, got);
    } else {
      const header = fieldsOf(row.text, separator);
      if (header.length === 1 && wanted !== null && !wanted.includes(header[0]))
        checkSeparator(path, header[0], separator);
      names = columnNames(header);
    }
  }
}

const separators: Readonly<Record<string, string>> = { ",": "a comma", "\t": "a tab", ";": ";", "|": "|" };

/** @param header  the only column */
function checkSeparator(path: string, header: string, separator: string): void {
  const found = Object.keys(separators).find((other) => other !== separator && header.includes(other));
  if (found === undefined) return;
  throw new StrataError("CorpusError", {
    where: path,
    expected: `columns separated by ${separators[separator]}`,
    got: `the header ${JSON.stringify(header)}`,
    hint:
      found === ","
        ? "Its columns are separated by commas: give the file the extension .csv."
        : found === "\t"
          ? "Its columns are separated by tabs: give the file the extension .tsv."
          : `Its columns are separated by ${found}: convert the file to commas.`,
  });
}

function recordOf(names: readonly string[], fields: readonly string[], where: string): ReadRecord {
  if (fields.length === names.length)
    return { record: Object.fromEntries(names.map((name, i) => [name, fields[i]])), where };
  return {
    error: new StrataError("CorpusError", {
      where,
      expected: `${names.length} fields as in the header`,
      got: String(fields.length),
      hint: "Correct or remove this row; quote any field that contains a separator, quote or line break.",
    }),
  };
}
