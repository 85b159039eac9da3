import { createBadRecords } from "../../corpus/records/bad-records.js";
import { readDocuments, type Document } from "../../corpus/documents/documents.js";
import { createHashSet } from "../../corpus/documents/hash-set.js";
import { hashDocument, isHeldOut } from "../../corpus/documents/split.js";
import { StrataError } from "../../errors/strata-error.js";
import { datasetSource, type DataParameters } from "./data.js";
import { plural } from "../../text/plural.js";

/** Which documents of a data set a task is about. */
export interface TaskChoice {
  /** The task, for messages. */
  readonly name: string;
  readonly split: "validation" | "all";
  /** The first so many; null for all. */
  readonly limit: number | null;
}

export interface TaskItems<Item> {
  /** In the order of the source. */
  readonly items: readonly Item[];
  /** Bad records that were skipped on the way. */
  readonly skipped: number;
}

/**
 * What a task scores. A record that cannot be read, or is no item of the task, is bad: `maxBadRecords` says how many may be.
 *
 * @param itemOf  throws StrataError for a document that is no item
 * @param note    takes a line for each bad record that is shown, and their number
 * @throws StrataError if there is no item: a score of nothing means nothing
 */
export async function taskItems<Item>(
  data: DataParameters,
  { name, split, limit }: TaskChoice,
  itemOf: (document: Document) => Item,
  note: (line: string) => void,
): Promise<TaskItems<Item>> {
  const items: Item[] = [];
  const seen = data.duplicates === "remove" ? createHashSet() : null;
  const bad = createBadRecords(data.maxBadRecords);
  for await (const document of readDocuments(datasetSource(data.source, data.text), { bad })) {
    if (limit !== null && items.length >= limit) break;
    const hash = hashDocument(document.text, data.holdOut.seed);
    if (split === "validation" && !isHeldOut(hash, data.holdOut.share)) continue;
    if (seen !== null && !seen.add(hash)) continue;
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
  throw new StrataError("EvaluationError", {
    where: `evaluation task ${name}`,
    expected: split === "all" ? "documents" : `held-out documents (holdOut: ${data.holdOut.share})`,
    got: skipped === 0 ? "none" : `none but ${plural(skipped, "bad record")}`,
    hint: "Give the data set more documents, raise `holdOut`, or use `split: all`.",
  });
}
