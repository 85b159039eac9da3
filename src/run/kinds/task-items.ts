import { createBadRecords } from "../../corpus/records/bad-records.js";
import { readDocuments, type Document } from "../../corpus/documents/documents.js";
import { StrataError } from "../../errors/strata-error.js";
import { datasetSource, type DataParameters } from "./data.js";
import { createDocumentFilter } from "./document-filter.js";
import { plural } from "../../text/plural.js";

/** Selects the documents of a task in its data set. */
export interface TaskChoice {
  /** Name of the task, for messages. */
  readonly name: string;
  readonly split: "validation" | "all";
  /** How many of the first items are used; null for all. */
  readonly limit: number | null;
}

export interface TaskItems<Item> {
  /** In the order of the source. */
  readonly items: readonly Item[];
  /** Number of bad records that were skipped. */
  readonly skipped: number;
}

/**
 * The items of a task. A record that cannot be read, or is not an item of the task, is bad; `maxBadRecords` limits the
 * number of bad records.
 *
 * @param itemOf  throws StrataError for a document that is not an item
 * @param note    receives the number of bad records, and a line for each of the first ones
 * @throws StrataError if there are no items
 */
export async function taskItems<Item>(
  data: DataParameters,
  { name, split, limit }: TaskChoice,
  itemOf: (document: Document) => Item,
  note: (line: string) => void,
): Promise<TaskItems<Item>> {
  const items: Item[] = [];
  const isChosen = createDocumentFilter(data, split);
  const bad = createBadRecords(data.maxBadRecords);
  for await (const document of readDocuments(datasetSource(data.source, data.text), { bad })) {
    if (limit !== null && items.length >= limit) break;
    if (!isChosen(document)) continue;
    try {
      items.push(itemOf(document));
    } catch (error) {
      if (!(error instanceof StrataError)) throw error;
      bad.add(error);
    }
  }
  const { count: skipped, first } = bad.skipped();
  if (skipped > 0) for (const line of [`${name}: ${plural(skipped, "bad record")} skipped`, ...first]) note(line);
  if (items.length > 0) return { items, skipped };
  throw noItems(data, { name, split }, skipped);
}

/** The error of a task without items. @param skipped  number of bad records */
export function noItems(
  { holdOut }: DataParameters,
  { name, split }: Pick<TaskChoice, "name" | "split">,
  skipped: number,
): StrataError {
  return new StrataError("EvaluationError", {
    where: `evaluation task ${name}`,
    expected: split === "all" ? "documents" : `held-out documents (holdOut: ${holdOut.share})`,
    got: skipped === 0 ? "none" : `none but ${plural(skipped, "bad record")}`,
    hint: "Use a larger data set, raise `holdOut`, or write `split: all`.",
  });
}
