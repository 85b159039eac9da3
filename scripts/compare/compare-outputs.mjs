// Compares the outputs of two runs of one recipe, job by job. Names of folders, kinds and titles may differ: jobs
// are first paired by the bytes of their outputs, so that only real differences are reported.

/** What a line says of a JSON file in which only keys were renamed. */
const renamedText = "has equal values, renamed keys";

/**
 * @param before, after  jobs: their titles and outputs by path; `json` is the text of a small JSON file
 * @returns how many jobs have equal outputs, and a line for each difference
 */
export function compareOutputs(before, after) {
  const left = [...before];
  const unmatched = [];
  let equal = 0;
  for (const job of after) {
    const twin = left.findIndex((other) => fingerprint(other) === fingerprint(job));
    if (twin < 0) unmatched.push(job);
    else {
      left.splice(twin, 1);
      equal++;
    }
  }
  const lines = [];
  for (const job of unmatched) {
    const twin = left.find((other) => other.title === job.title) ?? mostSimilar(left, job);
    if (twin === undefined) {
      lines.push(`${job.title}: only in this commit`);
      continue;
    }
    left.splice(left.indexOf(twin), 1);
    lines.push(...differences(twin, job));
  }
  lines.push(...left.map(({ title }) => `${title}: only in the other commit`));
  const onlyRenamed = lines.length > 0 && lines.every((line) => line.includes(renamedText));
  return { equal, lines, onlyRenamed };
}

/** The bytes of all outputs, without the names of their files. */
function fingerprint({ outputs }) {
  return Object.values(outputs)
    .map(({ sha256 }) => sha256)
    .sort()
    .join(" ");
}

/** The job that shares most output files; undefined if none shares a path. */
function mostSimilar(jobs, { outputs }) {
  const shared = (job) => Object.keys(job.outputs).filter((path) => path in outputs).length;
  const [best] = [...jobs].sort((a, b) => shared(b) - shared(a));
  return best !== undefined && shared(best) > 0 ? best : undefined;
}

function differences(before, after) {
  const title = before.title === after.title ? after.title : `${after.title} (was: ${before.title})`;
  const paths = [...new Set([...Object.keys(before.outputs), ...Object.keys(after.outputs)])].sort();
  return paths.flatMap((path) => {
    const [old, now] = [before.outputs[path], after.outputs[path]];
    if (old === undefined) return [`${title}: ${path} is new`];
    if (now === undefined) return [`${title}: ${path} is gone`];
    if (old.sha256 === now.sha256) return [];
    const renamed = old.json !== undefined && now.json !== undefined ? renamedKeys(old.json, now.json) : null;
    return [`${title}: ${path} ${renamed === null ? "differs" : `${renamedText}: ${renamed.join(", ")}`}`];
  });
}

/**
 * @returns "old → new" for each key that differs between two JSON (or JSON-lines) texts whose values are
 *   equal, in order; null if a value differs
 */
export function renamedKeys(before, after) {
  const [old, now] = [flatten(before), flatten(after)];
  if (old === null || now === null || old.length !== now.length) return null;
  if (old.some(({ value }, i) => value !== now[i].value)) return null;
  const names = old.flatMap(({ keys }, i) =>
    keys.length === now[i].keys.length
      ? keys.flatMap((key, depth) => (key === now[i].keys[depth] ? [] : [`${key} → ${now[i].keys[depth]}`]))
      : [`${keys.join(".")} → ${now[i].keys.join(".")}`],
  );
  return [...new Set(names)];
}

/** Every leaf of the JSON values of a text, with the keys that lead to it; null if the text is not JSON. */
function flatten(text) {
  const leaves = [];
  const visit = (value, keys) => {
    if (value !== null && typeof value === "object" && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) visit(inner, [...keys, key]);
    } else leaves.push({ keys, value: JSON.stringify(value) });
  };
  try {
    visit(JSON.parse(text), []);
  } catch {
    try {
      for (const line of text.trimEnd().split("\n")) visit(JSON.parse(line), []);
    } catch {
      return null;
    }
  }
  return leaves;
}
