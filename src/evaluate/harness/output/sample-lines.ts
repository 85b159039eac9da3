import { createHash } from "node:crypto";
import { hashBytes } from "../../../files/hash.js";
import { toText } from "../../../text/jinja/values/text.js";
import { Dict, Tuple, type Value } from "../../../text/jinja/values/value.js";
import type { LoggedSample } from "../outcome.js";
import { dumpIndentedJson, dumpJson } from "./python-json.js";

/** The lines of `samples_<task>.jsonl`, one at a time. */
export class SampleLines {
  readonly #samples: Iterable<LoggedSample>;
  readonly #hash = createHash("sha256");

  constructor(samples: Iterable<LoggedSample>) {
    this.#samples = samples;
  }

  /** May be called once. Lines end with a newline. */
  *lines(): Generator<string> {
    for (const sample of this.#samples) {
      const hashes = hashSample(sample);
      this.#hash.update(hashes.doc + hashes.prompt + hashes.target);
      yield `${dumpJson(lineOf(sample, hashes))}\n`;
    }
  }

  /** The task's hash once all lines have been read: SHA-256 of the hashes of all lines. */
  taskHash(): string {
    return this.#hash.digest("hex");
  }
}

interface SampleHashes {
  readonly doc: string;
  readonly prompt: string;
  readonly target: string;
}

function hashSample({ doc, requests, target }: LoggedSample): SampleHashes {
  return {
    doc: hashBytes(dumpIndentedJson(doc)),
    prompt: hashBytes(toText(requests[0][0])),
    target: hashBytes(toText(target)),
  };
}

/** A metric with the name of another key takes that key's place, as in Python's `dict.update`. */
function lineOf(sample: LoggedSample, hashes: SampleHashes): Dict {
  return new Dict([
    ["doc_id", sample.docId],
    ["doc", sample.doc],
    ["target", toText(sample.target)],
    [
      "arguments",
      numbered(
        "gen_args",
        sample.requests.map((request) => numbered("arg", request)),
      ),
    ],
    ["resps", sample.responses.map((repeats) => repeats.map(leavesAsText))],
    ["filtered_resps", sample.filtered.map(leavesAsText)],
    ["filter", sample.filter],
    ["metrics", sample.metrics.map(([name]) => name)],
    ["doc_hash", hashes.doc],
    ["prompt_hash", hashes.prompt],
    ["target_hash", hashes.target],
    ...sample.metrics,
  ]);
}

function numbered(name: string, values: readonly Value[]): Dict {
  return new Dict(values.map((value, i) => [`${name}_${i}`, value]));
}

/** Lists and tuples keep their form; everything in them becomes its `str()`. */
function leavesAsText(value: Value): Value {
  if (Array.isArray(value)) return value.map(leavesAsText);
  return value instanceof Tuple ? value.items.map(leavesAsText) : toText(value);
}
