import { mergeError } from "../merge-error.js";

/** A folder or an id of the hub, with an optional revision. */
export interface ModelPath {
  readonly path: string;
  readonly revision: string | null;
}

/** A model of a configuration, with an optional adapter that is added to it. */
export interface ModelReference extends ModelPath {
  readonly lora: ModelPath | null;
}

/**
 * Parses `PATH[@REVISION][+ADAPTER[@REVISION]]`.
 *
 * @param where  for messages
 * @throws StrataError for more than one `+`, more than one `@` in a part, or an empty path
 */
export function parseModelReference(text: string, where: string): ModelReference {
  const parts = text.split("+");
  if (parts.length > 2) throw malformed(where, text, "more than one + (one adapter at most)");
  const [model, lora] = parts.map((part) => parsePath(part, text, where));
  return { ...model, lora: lora ?? null };
}

function parsePath(part: string, text: string, where: string): ModelPath {
  const [path, revision, ...more] = part.split("@");
  if (more.length > 0) throw malformed(where, text, "more than one @ in a part");
  if (path.trim() === "" || revision === "") throw malformed(where, text, "an empty part");
  return { path, revision: revision ?? null };
}

function malformed(where: string, text: string, got: string) {
  const hint = "Write a folder or an id of the hub, such as models/a, owner/name@main or models/a+adapters/b.";
  return mergeError(
    where,
    "a model as PATH[@REVISION][+ADAPTER[@REVISION]]",
    `${JSON.stringify(text)} with ${got}`,
    hint,
  );
}

export function formatModelPath({ path, revision }: ModelPath): string {
  return revision === null ? path : `${path}@${revision}`;
}

/** The text that `parseModelReference` reads; equal for equal models. */
export function formatModelReference(reference: ModelReference): string {
  const { lora } = reference;
  return formatModelPath(reference) + (lora === null ? "" : `+${formatModelPath(lora)}`);
}
