import { createBadRecords, type BadRecords } from "../../corpus/records/bad-records.js";
import type { PlacedRecord } from "../../corpus/records/read-record.js";
import { readRecords } from "../../corpus/records/records.js";
import { readDocuments, type Document } from "../../corpus/documents/documents.js";
import { StrataError } from "../../errors/strata-error.js";
import { plural } from "../../text/plural.js";
import { datasetSource, type DataParameters } from "./data.js";
import { createDocumentFilter } from "./document-filter.js";

/** Selects the documents of an evaluation in its data set. */
export interface EvaluationChoice {
  /** For messages. */
  readonly name: string;
  readonly split: "validation" | "all";
  /** How many of the first ones are used; null for all. */
  readonly limit: number | null;
}

export interface Found<Item> {
  /** In the order of the source. */
  readonly items: readonly Item[];
  /** Number of bad records that were skipped. */
  readonly skipped: number;
}

/**
 * Whether a record of a task must have the text of a document, by whose hash documents are held out and found twice.
 * Other records may lack it.
 */
export function needsText(
  { duplicates }: Pick<DataParameters, "duplicates">,
  split: EvaluationChoice["split"],
): boolean {
  return split !== "all" || duplicates === "remove";
}

/**
 * The documents of an evaluation. `maxBadRecords` limits the number of records that cannot be read.
 *
 * @param note  receives the number of bad records, and a line for each of the first ones
 * @throws StrataError if there are no documents
 */
export function chosenDocuments(
  data: DataParameters,
  choice: EvaluationChoice,
  note: (line: string) => void,
): Promise<Found<Document>> {
  return collect(
    data,
    choice,
    (bad) => filtered(data, choice, bad),
    (document) => document,
    note,
  );
}

/**
 * The records of a task, of which those that are no document of the task are bad, too.
 *
 * @param check  throws StrataError for a record that is no document of the task
 * @param note   as in `chosenDocuments`
 * @throws StrataError if there are no records
 */
export function chosenRecords(
  data: DataParameters,
  choice: EvaluationChoice,
  check: (record: PlacedRecord) => void,
  note: (line: string) => void,
): Promise<Found<PlacedRecord>> {
  const read = (bad: BadRecords) => (needsText(data, choice.split) ? filtered(data, choice, bad) : readable(data, bad));
  const checked = ({ record, where }: PlacedRecord) => {
    check({ record, where });
    return { record, where };
  };
  return collect(data, choice, read, checked, note);
}

async function* filtered(data: DataParameters, { split }: EvaluationChoice, bad: BadRecords): AsyncIterable<Document> {
  const isChosen = createDocumentFilter(data, split);
  for await (const document of readDocuments(datasetSource(data.source, data.text), { bad }))
    if (isChosen(document)) yield document;
}

async function* readable(data: DataParameters, bad: BadRecords): AsyncIterable<PlacedRecord> {
  for await (const read of readRecords(datasetSource(data.source, data.text)))
    if ("error" in read) bad.add(read.error);
    else yield read;
}

async function collect<Read, Item>(
  data: DataParameters,
  choice: EvaluationChoice,
  read: (bad: BadRecords) => AsyncIterable<Read>,
  itemOf: (read: Read) => Item,
  note: (line: string) => void,
): Promise<Found<Item>> {
  const { name, limit } = choice;
  const items: Item[] = [];
  const bad = createBadRecords(data.maxBadRecords);
  for await (const one of read(bad)) {
    if (limit !== null && items.length >= limit) break;
    try {
      items.push(itemOf(one));
    } catch (error) {
      if (!(error instanceof StrataError)) throw error;
      bad.add(error);
    }
  }
  const { count: skipped, first } = bad.skipped();
  if (skipped > 0) for (const line of [`${name}: ${plural(skipped, "bad record")} skipped`, ...first]) note(line);
  if (items.length > 0) return { items, skipped };
  throw noDocuments(data, choice, skipped);
}

/** The error of an evaluation without documents. @param skipped  number of bad records */
export function noDocuments(
  { holdOut }: DataParameters,
  { name, split }: Pick<EvaluationChoice, "name" | "split">,
  skipped: number,
): StrataError {
  return new StrataError("EvaluationError", {
    where: `evaluation task ${name}`,
    expected: split === "all" ? "documents" : `held-out documents (holdOut: ${holdOut.share})`,
    got: skipped === 0 ? "none" : `none but ${plural(skipped, "bad record")}`,
    hint: "Use a larger data set, raise `holdOut`, or write `split: all`.",
  });
}
