import { renderDocument, type Document } from "../../corpus/documents/documents.js";
import type { DocumentText } from "../../corpus/documents/dataset.js";
import type { PlacedRecord } from "../../corpus/records/read-record.js";
import { createBadRecords, type BadRecords } from "../../corpus/records/bad-records.js";
import { readRecords } from "../../corpus/records/records.js";
import { StrataError } from "../../errors/strata-error.js";
import { datasetSource, type DataParameters } from "../kinds/data.js";

/** Ends the reading of a file: after so many items, records, or characters of text. */
const maxPerFile = { items: 100, records: 2000, characters: 2 ** 22 };

/** Which documents are items, and how many of them a job uses. */
export interface FirstChoice<Item> {
  /** Fields of a record that are needed; null for all. */
  readonly fields: readonly string[] | null;
  /** Called once for each document, in order. */
  readonly isChosen: (document: Document) => boolean;
  /** Throws StrataError for a document that is not an item. */
  readonly itemOf: (document: Document) => Item;
  /** Makes a record a document, which may lack its text; absent for one that has it. */
  readonly render?: (text: DocumentText, record: PlacedRecord) => Omit<Document, "next"> | StrataError;
  /** Whether the job reads no further, after these items; null if it reads all files to the end. */
  readonly isEnough: ((items: readonly Item[]) => boolean) | null;
}

export interface FirstItems<Item> {
  readonly items: readonly Item[];
  /** File and record of each. */
  readonly places: readonly string[];
  /** Whether these are all items that the job will find. */
  readonly isComplete: boolean;
  /** Number of bad records among those that were read. */
  readonly skipped: number;
}

/**
 * Reads the first records of every file of a data set, as the job that uses them does. Files that the job may not reach
 * are left out. The amount that is read of a file is bounded, whatever its size.
 *
 * @throws StrataError naming file and record: for a bad record that `maxBadRecords` does not allow, or if all are bad
 */
export async function readFirstItems<Item>(data: DataParameters, choice: FirstChoice<Item>): Promise<FirstItems<Item>> {
  const reading: Reading<Item> = {
    items: [],
    places: [],
    documents: 0,
    firstError: null,
    bad: createBadRecords(data.maxBadRecords),
  };
  let isComplete = true;
  for (const part of filesOf(data)) {
    const end = await readFile(part, choice, reading);
    if (end === "enough") break;
    isComplete &&= end === "end of file";
    if (!isComplete && choice.isEnough !== null) break;
  }
  const { items, places, documents, firstError, bad } = reading;
  if (documents === 0 && firstError !== null) throw firstError;
  return { items, places, isComplete, skipped: bad.skipped().count };
}

interface Reading<Item> {
  readonly items: Item[];
  readonly places: string[];
  /** Readable documents, chosen or not. */
  documents: number;
  firstError: StrataError | null;
  readonly bad: BadRecords;
}

/** The data set as one data set per file. */
function filesOf(data: DataParameters): DataParameters[] {
  const { source } = data;
  return "files" in source ? source.files.map((file) => ({ ...data, source: { ...source, files: [file] } })) : [data];
}

async function readFile<Item>(
  { source, text }: DataParameters,
  { fields, isChosen, itemOf, isEnough, render = renderDocument }: FirstChoice<Item>,
  reading: Reading<Item>,
): Promise<"enough" | "limit" | "end of file"> {
  let [records, characters] = [0, 0];
  const wanted = reading.items.length + maxPerFile.items;
  for await (const read of readRecords(datasetSource(source, text), { fields })) {
    if (isEnough?.(reading.items)) return "enough";
    if (records++ === maxPerFile.records || characters >= maxPerFile.characters) return "limit";
    if (reading.items.length >= wanted) return "limit";
    const document = "error" in read ? read.error : render(text, read);
    if (document instanceof StrataError) {
      addBad(reading, document);
      continue;
    }
    reading.documents++;
    characters += document.text.length;
    const placed = { ...document, next: read.next };
    if (isChosen(placed)) addItem(reading, placed, itemOf);
  }
  return isEnough?.(reading.items) ? "enough" : "end of file";
}

function addItem<Item>(reading: Reading<Item>, document: Document, itemOf: (document: Document) => Item): void {
  try {
    reading.items.push(itemOf(document));
    reading.places.push(document.where);
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    reading.documents--;
    addBad(reading, error);
  }
}

function addBad<Item>(reading: Reading<Item>, error: StrataError): void {
  reading.firstError ??= error;
  reading.bad.add(error);
}
