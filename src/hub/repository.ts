import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import type { HubSettings } from "./settings.js";

/** A repository of the hub at a revision: a branch, a tag or a commit. */
export interface Repository {
  readonly kind: "model" | "dataset";
  /** `ORGANISATION/NAME`; of a few old ones, the name alone. */
  readonly id: string;
  readonly revision: string;
}

export const mainRevision = "main";

/** What begins the name of a repository where a path could stand: `hf:meta-llama/Llama-3.2-1B`. */
const prefix = "hf:";

export function isHubReference(text: string): boolean {
  return text.startsWith(prefix);
}

/** `hf:ID` or `hf:ID@REVISION`. @throws StrataError for another text */
export function parseHubReference(text: string, kind: Repository["kind"]): Repository {
  const [id, revision = mainRevision, ...more] = text.slice(prefix.length).split("@");
  const repository = { kind, id, revision };
  if (more.length > 0 || !isHubReference(text)) throw notARepository(text);
  checkRepository(repository);
  return repository;
}

export function formatHubReference({ id, revision }: Repository): string {
  return `${prefix}${id}@${revision}`;
}

/** A name of a repository; it becomes a folder of the cache, and nothing may lead out of it. */
export const idPattern = /^(?!.*(?:--|\.\.))(?:\w[\w.-]*\/)?\w[\w.-]*$/;

/** @throws StrataError if the id is none, or the revision cannot be one */
export function checkRepository({ id, revision }: Repository): void {
  if (!idPattern.test(id) || id.length > 96) throw notARepository(id);
  if (isInnerPath(revision) && !/[\s~^:?*[]/.test(revision)) return;
  throw new StrataError("HubError", {
    where: `${id} revision`,
    expected: "a branch, a tag or a commit",
    got: JSON.stringify(revision),
    hint: "Take main, a tag, or the 40 letters of a commit.",
  });
}

function notARepository(text: string): StrataError {
  return new StrataError("HubError", {
    where: "hub repository",
    expected: "ORGANISATION/NAME, or ORGANISATION/NAME@REVISION behind hf:",
    got: JSON.stringify(text),
    hint: "Such as meta-llama/Llama-3.2-1B, as the page of the repository shows it.",
  });
}

/** Whether a relative path stays inside the folder that it starts in. */
export function isInnerPath(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !/[\\\0]/.test(path);
}

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** The folder of a repository in the cache, for all its revisions. */
export function cacheFolderOf({ kind, id }: Repository, { cacheFolder }: HubSettings): string {
  return join(cacheFolder, `${kind}s--${id.replaceAll("/", "--")}`);
}

/** The page that people see. */
export function pageUrl({ kind, id }: Repository, { endpoint }: HubSettings): string {
  return `${endpoint}/${kind === "dataset" ? "datasets/" : ""}${id}`;
}

/** @param what  `revision` tells its commit, `tree` lists its files */
export function apiUrl(
  { kind, id, revision }: Repository,
  { endpoint }: HubSettings,
  what: "revision" | "tree",
): string {
  return `${endpoint}/api/${kind}s/${id}/${what}/${encodeURIComponent(revision)}${what === "tree" ? "?recursive=true" : ""}`;
}

export function fileUrl(repository: Repository, path: string, settings: HubSettings): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return `${pageUrl(repository, settings)}/resolve/${encodeURIComponent(repository.revision)}/${encoded}`;
}
