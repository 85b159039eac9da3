import { StrataError } from "../../../errors/strata-error.js";
import { DamagedFile, notUtf8, type BadRecord, type FileOptions, type ReadRecord } from "../read-record.js";
import { decodeText, maxRecordBytes, readBytes, tooLong } from "./read-bytes.js";

const [quote, lineBreak] = [34, 10];

/** The fields of a row and its location, or its error. */
type Row = { readonly fields: readonly string[]; readonly where: string } | BadRecord;

/**
 * Reads rows under a header, by RFC 4180: a quoted field may contain separators, line breaks and doubled quotes. Every
 * value is a string; empty lines are skipped.
 *
 * @param separator  one ASCII character
 */
export async function* readCsv(
  path: string,
  separator: string,
  { skip, onBytes }: FileOptions,
): AsyncIterable<ReadRecord> {
  let header: readonly string[] | null = null;
  let count = 0;
  for await (const row of splitRows(readBytes(path, onBytes), separator, path)) {
    if (header !== null) {
      if (count++ >= skip) yield "error" in row ? row : recordOf(header, row.fields, row.where);
    } else if ("error" in row) {
      const { where, expected, got } = row.error.parts;
      throw new DamagedFile(where, `a header: ${expected}`, got);
    } else header = row.fields;
  }
}

function recordOf(header: readonly string[], fields: readonly string[], where: string): ReadRecord {
  if (fields.length === header.length)
    return { record: Object.fromEntries(header.map((name, i) => [name, fields[i]])), where };
  return {
    error: new StrataError("CorpusError", {
      where,
      expected: `${header.length} fields as in the header`,
      got: String(fields.length),
      hint: "Correct or remove this row; quote any field that contains a separator, quote or line break.",
    }),
  };
}

/** Holds one row in memory. A row longer than `maxRecordBytes` is bad. @throws DamagedFile for an unclosed quote */
async function* splitRows(chunks: AsyncIterable<Buffer>, separator: string, path: string): AsyncIterable<Row> {
  const separatorByte = separator.charCodeAt(0);
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  let [inQuotes, fieldStarts, isFirst, isTooLong] = [false, true, true, false];
  let [line, rowLine, closedAt] = [1, 1, -2];
  const take = (end: number): Row[] => {
    const where = `${path}:${rowLine}`;
    const text = isTooLong ? "" : decodeText(rest.subarray(0, end), isFirst);
    rest = rest.subarray(end + 1);
    [at, rowLine, closedAt] = [0, line, -2];
    [isFirst, fieldStarts, isTooLong] = [false, true, false];
    if (text === null) return [notUtf8(where)];
    return text.trim() === "" ? [] : [{ fields: fieldsOf(text.replace(/\r$/, ""), separator), where }];
  };
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (; at < rest.length; at++) {
      const byte = rest[at];
      if (byte === lineBreak) line++;
      if (byte === quote && inQuotes) [inQuotes, closedAt] = [false, at];
      else if (byte === quote) inQuotes = fieldStarts || closedAt === at - 1;
      fieldStarts = !inQuotes && byte === separatorByte;
      if (byte !== lineBreak || inQuotes) continue;
      yield* take(at);
      at = -1;
    }
    if (rest.length <= maxRecordBytes && !isTooLong) continue;
    if (!isTooLong)
      yield tooLong(`${path}:${rowLine}`, "Put a line break between the documents, and close any open quote.");
    isTooLong = true;
    [rest, closedAt, at] = [Buffer.alloc(0), closedAt - at, 0];
  }
  if (inQuotes) throw new DamagedFile(`${path}:${rowLine}`, "a closing quote", "the end of the file");
  if (rest.length > 0) yield* take(rest.length);
}

/** The fields of one row. */
function fieldsOf(text: string, separator: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    if (text[at] !== '"') {
      const end = text.indexOf(separator, at);
      fields.push(text.slice(at, end === -1 ? text.length : end));
      at = end === -1 ? text.length : end;
      continue;
    }
    let field = "";
    for (let isOpen = true; isOpen;) {
      const end = text.indexOf('"', at + 1);
      isOpen = end !== -1 && text[end + 1] === '"';
      field += text.slice(at + 1, isOpen ? end + 1 : end === -1 ? text.length : end);
      at = isOpen ? end + 1 : end === -1 ? text.length : end + 1;
    }
    fields.push(field);
    while (at < text.length && text[at] !== separator) at++;
  }
  return fields;
}
