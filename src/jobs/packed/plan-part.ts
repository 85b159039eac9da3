import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Instructions } from "../../device/instructions.js";
import {
  contentMember,
  planArchive,
  type PlannedArchive,
  type WrittenMember,
} from "../../files/archive/write-archive.js";
import { version } from "../../version.js";
import type { Job, JobInput } from "../job.js";
import { damagedInput, jobFolder, readDone, sealDone, type Done, type Store } from "../job-folder.js";
import { recipePath, type FetchedFile, type PartManifest, type PartName } from "./pack-format.js";

/** Outputs of a finished job that a part reads. */
export interface CarriedInput {
  readonly job: string;
  readonly outputs: readonly string[];
}

export interface PartContent {
  readonly name: PartName;
  readonly job: Job;
  /** The text of the pinned recipe, for people who open the file. */
  readonly recipe: string;
  readonly instructions: Instructions;
  readonly returns: readonly string[];
  readonly base: JobInput;
  readonly inputs: readonly CarriedInput[];
  /** Outputs of `inputs` that the worker downloads. */
  readonly fetch: readonly FetchedFile[];
}

const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** The archive of a part. It depends on the part alone, not on when or where its inputs were made. */
export function planPart(store: Store, content: PartContent): PlannedArchive {
  const { name, job, recipe, instructions, returns, base, inputs, fetch } = content;
  const description: Omit<PartManifest, "format" | "formatVersion" | "members"> = {
    version,
    kind: "part",
    ...name,
    job: job.id,
    instructions,
    returns,
    base,
    fetch,
  };
  const fetched = new Set(fetch.map(({ target }) => target));
  return planArchive(description, [
    contentMember(recipePath, recipe),
    contentMember(`jobs/${job.id}/job.json`, jsonText(job)),
    ...inputs.flatMap((input) => inputMembers(store, input).filter(({ path }) => !fetched.has(path))),
  ]);
}

function inputMembers(store: Store, { job, outputs }: CarriedInput): WrittenMember[] {
  const folder = jobFolder(store, job);
  const done = readDone(store, job);
  if (done === null || done.pruned === true)
    throw damagedInput(join(folder, "done.json"), "a finished job", "none", folder);
  const chosen = outputs.map((name) => [name, done.outputs[name]] as const);
  const record = jsonText(sealDone(carriedDone(done, Object.fromEntries(chosen))));
  return [
    contentMember(`jobs/${job}/done.json`, record),
    // A model folder of the recipe is linked, not copied.
    ...chosen.map(([name, { bytes, sha256 }]) => {
      const source = realpathSync(join(folder, name));
      return { path: `jobs/${job}/${name}`, bytes, sha256, source };
    }),
  ];
}

/** The record of an input without when, where and by whom it was made. */
function carriedDone({ id, title, device }: Done, outputs: Done["outputs"]): Done {
  const unknown = { machine: "", threads: 0, version: "", commit: null, finished: "", seconds: 0, result: null };
  return { id, title, device, ...unknown, outputs };
}
