import { join } from "node:path";
import { jobFolder, type Store } from "../../jobs/job-folder.js";

/** The file with the steps of a training. @param id  of its job */
export function trainingJournal(store: Store, id: string): string {
  return join(jobFolder(store, id), "journal.jsonl");
}
