import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import type { HubSettings } from "./settings.js";

/** A hub repository at a revision: a branch, a tag or a commit. */
export interface Repository {
  readonly kind: "model" | "dataset";
  /** `ORGANIZATION/NAME`; a few old repositories have only a name. */
  readonly id: string;
  readonly revision: string;
}

export const mainRevision = "main";

/** Marks a repository where a path is also allowed: `hf:meta-llama/Llama-3.2-1B`. */
const prefix = "hf:";

export function isHubReference(text: string): boolean {
  return text.startsWith(prefix);
}

/** Parses `hf:ID` or `hf:ID@REVISION`. @throws StrataError for any other text */
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

/** A repository's id. It becomes a folder name in the cache, so it must not contain `..`. */
export const idPattern = /^(?!.*(?:--|\.\.))(?:\w[\w.-]*\/)?\w[\w.-]*$/;

/** @throws StrataError if the id or the revision is malformed */
export function checkRepository({ id, revision }: Repository): void {
  if (!idPattern.test(id) || id.length > 96) throw notARepository(id);
  if (isInnerPath(revision) && !/[\s~^:?*[]/.test(revision)) return;
  throw new StrataError("HubError", {
    where: `${id} revision`,
    expected: "a branch, a tag or a commit",
    got: JSON.stringify(revision),
    hint: "Use main, a tag, or a full commit hash of 40 characters.",
  });
}

function notARepository(text: string): StrataError {
  return new StrataError("HubError", {
    where: "hub repository",
    expected: "ORGANIZATION/NAME, or hf:ORGANIZATION/NAME@REVISION",
    got: JSON.stringify(text),
    hint: "Copy the name from the repository's page, such as meta-llama/Llama-3.2-1B.",
  });
}

/** Whether a relative path stays within its start folder: no empty part, `.`, `..`, `\\` or NUL. */
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

/** The repository's web page. */
export function pageUrl({ kind, id }: Repository, { endpoint }: HubSettings): string {
  return `${endpoint}/${kind === "dataset" ? "datasets/" : ""}${id}`;
}

/** @param what  `revision` returns the commit, `tree` lists the files */
export function apiUrl(
  { kind, id, revision }: Repository,
  { endpoint }: HubSettings,
  what: "revision" | "tree",
): string {
  const query = what === "tree" ? "?recursive=true" : "";
  return `${endpoint}/api/${kind}s/${id}/${what}/${encodeURIComponent(revision)}${query}`;
}

export function fileUrl(repository: Repository, path: string, settings: HubSettings): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return `${pageUrl(repository, settings)}/resolve/${encodeURIComponent(repository.revision)}/${encoded}`;
}
