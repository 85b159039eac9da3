import { dirname } from "node:path";
import { atOnce } from "../network/at-once.js";
import {
  blobPath,
  dropDamaged,
  hasFile,
  linkFile,
  makeFolder,
  readCommit,
  readListing,
  snapshotFiles,
  snapshotFolder,
  writeCommit,
  writeListing,
} from "./cache.js";
import { fetchBlob, ListingOutdated } from "./fetch-blob.js";
import { hubError, nameOf } from "../network/hub-errors.js";
import { fetchCommit, fetchListing } from "../listing.js";
import type { HubFile } from "../hub-file.js";
import { cacheFolderOf, checkRepository, type Repository } from "../repository.js";
import type { HubAccess } from "../settings.js";

/** Files at a time. */
const filesAtOnce = 4;

/** How often the hub may change what it lists while we download. */
const maxListings = 3;

/** A repository at a commit, with what it holds. */
export interface OpenRepository {
  readonly repository: Repository;
  readonly commit: string;
  /** The hub's list; of a cache that does not have it, the names of the files that are there. */
  readonly paths: readonly string[];
  /** Where its files lie once they are fetched, under their names. */
  readonly folder: string;
}

/** Asks for the commit of a revision, and for its files where the cache does not list them. */
export async function openRepository(repository: Repository, access: HubAccess): Promise<OpenRepository> {
  checkRepository(repository);
  const cache = cacheFolderOf(repository, access.settings);
  if (access.settings.offline) return openCached(repository, cache);
  const commit = await fetchCommit(repository, access);
  const listing = readListing(cache, commit);
  if (listing === null) return list(repository, commit, cache, access);
  writeCommit(cache, repository.revision, commit);
  return opened(
    repository,
    cache,
    commit,
    listing.files.map(({ path }) => path),
  );
}

function openCached(repository: Repository, cache: string): OpenRepository {
  const commit = readCommit(cache, repository.revision);
  const listing = commit === null ? null : readListing(cache, commit);
  if (commit !== null && listing !== null)
    return opened(
      repository,
      cache,
      commit,
      listing.files.map(({ path }) => path),
    );
  const paths = commit === null ? [] : snapshotFiles(cache, commit);
  if (commit === null || paths.length === 0) throw notInCache(repository, cache, "nothing of it");
  return opened(repository, cache, commit, paths);
}

async function list(repository: Repository, commit: string, cache: string, access: HubAccess): Promise<OpenRepository> {
  const listing = await fetchListing(repository, commit, access);
  writeListing(cache, listing);
  writeCommit(cache, repository.revision, commit);
  return opened(
    repository,
    cache,
    commit,
    listing.files.map(({ path }) => path),
  );
}

function opened(repository: Repository, cache: string, commit: string, paths: readonly string[]): OpenRepository {
  return { repository, commit, paths: [...paths].sort(), folder: snapshotFolder(cache, commit) };
}

/**
 * Brings files into the cache, and gives the repository back: at another commit if the hub changed it meanwhile.
 *
 * @param choose  the files, out of all paths
 * @throws StrataError naming what is missing or refused
 */
export async function fetchFiles(
  open: OpenRepository,
  choose: (paths: readonly string[]) => readonly string[],
  access: HubAccess,
): Promise<OpenRepository> {
  const { repository } = open;
  const cache = cacheFolderOf(repository, access.settings);
  let at = open;
  for (let listings = 1; ; listings++) {
    try {
      await fetchListed(at, choose(at.paths), cache, access);
      return at;
    } catch (error) {
      if (!(error instanceof ListingOutdated)) throw error;
      if (listings === maxListings) throw changing(repository, error.message);
      at = await list(repository, await fetchCommit(repository, access), cache, access);
    }
  }
}

/** The files that the cache does not have. Without a list there is no network: then the paths are those of files that are there. */
export function missingFiles(
  { repository, commit }: OpenRepository,
  paths: readonly string[],
  { settings }: HubAccess,
): HubFile[] {
  const cache = cacheFolderOf(repository, settings);
  const wanted = new Set(paths);
  return (readListing(cache, commit)?.files ?? []).filter(
    (file) => wanted.has(file.path) && !hasFile(cache, commit, file),
  );
}

async function fetchListed(
  open: OpenRepository,
  paths: readonly string[],
  cache: string,
  access: HubAccess,
): Promise<void> {
  const { repository, commit } = open;
  const missing = missingFiles(open, paths, access);
  if (missing.length === 0) return;
  if (access.settings.offline)
    throw notInCache(
      repository,
      cache,
      `not ${missing[0].path}${missing.length > 1 ? ` and ${missing.length - 1} more` : ""}`,
    );
  const contents = new Map(missing.map((file) => [file.digest, file]));
  const total = [...contents.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  let there = 0;
  const count = (bytes: number) => access.onProgress?.((there += bytes), total);
  const pinned = { ...repository, revision: commit };
  await atOnce([...contents.values()], filesAtOnce, access.signal, async (file, signal) => {
    const blob = blobPath(cache, file.digest);
    makeFolder(dirname(blob));
    dropDamaged(blob, file.bytes);
    await fetchBlob(pinned, file, blob, { ...access, signal }, count);
    for (const same of missing.filter(({ digest }) => digest === file.digest)) linkFile(cache, commit, same);
  });
}

function notInCache(repository: Repository, cache: string, got: string) {
  return hubError({
    where: nameOf(repository),
    expected: "its files in the cache, as the network is not to be used",
    got: `${got} in ${cache}`,
    hint: "Run once without --offline and HF_HUB_OFFLINE.",
  });
}

function changing(repository: Repository, path: string) {
  return hubError({
    where: `${nameOf(repository)} ${path}`,
    expected: "the content that the hub lists",
    got: `other content, ${maxListings} times`,
    hint: "Run the same command again later, or name a commit as the revision.",
  });
}
