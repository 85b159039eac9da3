import { dirname } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { forEachConcurrently } from "../network/for-each-concurrently.js";
import {
  blobPath,
  dropDamaged,
  hasFile,
  linkFile,
  readCommit,
  readListing,
  snapshotFiles,
  snapshotFolder,
  writeCommit,
  writeListing,
} from "./cache.js";
import { fetchBlob, ListingOutdated } from "./fetch-blob.js";
import { hubError, nameOf } from "../network/hub-errors.js";
import { fetchCommit, fetchListing, type Listing } from "../listing.js";
import type { HubFile } from "../hub-file.js";
import { cacheFolderOf, checkRepository, type Repository } from "../repository.js";
import type { HubAccess } from "../settings.js";

const concurrentFiles = 4;

/** Maximum number of listings in one download: the hub may change a file meanwhile. */
const maxListings = 3;

/** A repository at a commit, with its file names. */
export interface OpenRepository {
  readonly repository: Repository;
  readonly commit: string;
  /** All files by the hub's listing, sorted; without a listing (offline), the files in the cache. */
  readonly paths: readonly string[];
  /** The snapshot folder: fetched files are `folder/PATH`. */
  readonly folder: string;
}

/** Resolves the revision to a commit, and lists its files if the cache has no listing. */
export async function openRepository(repository: Repository, access: HubAccess): Promise<OpenRepository> {
  checkRepository(repository);
  const cache = cacheFolderOf(repository, access.settings);
  if (access.settings.offline) return openCached(repository, cache);
  const commit = await fetchCommit(repository, access);
  const listing = readListing(cache, commit);
  if (listing === null) return list(repository, commit, cache, access);
  writeCommit(cache, repository.revision, commit);
  return opened(repository, cache, commit, pathsOf(listing));
}

function openCached(repository: Repository, cache: string): OpenRepository {
  const commit = readCommit(cache, repository.revision);
  const listing = commit === null ? null : readListing(cache, commit);
  if (commit !== null && listing !== null) return opened(repository, cache, commit, pathsOf(listing));
  const paths = commit === null ? [] : snapshotFiles(cache, commit);
  if (commit === null || paths.length === 0) throw notInCache(repository, `no snapshot in ${cache}`);
  return opened(repository, cache, commit, paths);
}

async function list(repository: Repository, commit: string, cache: string, access: HubAccess): Promise<OpenRepository> {
  const listing = await fetchListing(repository, commit, access);
  writeListing(cache, listing);
  writeCommit(cache, repository.revision, commit);
  return opened(repository, cache, commit, pathsOf(listing));
}

const pathsOf = ({ files }: Listing) => files.map(({ path }) => path);

function opened(repository: Repository, cache: string, commit: string, paths: readonly string[]): OpenRepository {
  return { repository, commit, paths: [...paths].sort(), folder: snapshotFolder(cache, commit) };
}

/**
 * Downloads the missing files into the cache.
 *
 * @param choose  picks the files from all paths
 * @returns the repository, at a newer commit if the hub changed it meanwhile
 * @throws StrataError naming the missing or refused file
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

/** The files of `paths` that the cache lacks. Without a listing (offline), `paths` are cached and none is missing. */
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
      `no ${missing[0].path}${missing.length > 1 ? ` (and ${missing.length - 1} more)` : ""} in ${cache}`,
    );
  const contents = new Map(missing.map((file) => [file.digest, file]));
  const total = [...contents.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  let received = 0;
  const count = (bytes: number) => access.onProgress?.((received += bytes), total);
  const pinned = { ...repository, revision: commit };
  await forEachConcurrently([...contents.values()], concurrentFiles, access.signal, async (file, signal) => {
    const blob = blobPath(cache, file.digest);
    createFolder(dirname(blob));
    dropDamaged(blob, file.bytes);
    await fetchBlob(pinned, file, blob, { ...access, signal }, count);
    for (const same of missing.filter(({ digest }) => digest === file.digest)) linkFile(cache, commit, same);
  });
}

function notInCache(repository: Repository, got: string) {
  return hubError({
    where: nameOf(repository),
    expected: "its files in the cache, because offline mode is on",
    got,
    hint: "Run once without --offline and without HF_HUB_OFFLINE.",
  });
}

function changing(repository: Repository, path: string) {
  return hubError({
    where: `${nameOf(repository)} ${path}`,
    expected: "the content that the hub lists",
    got: `different content, ${maxListings} times`,
    hint: "Run the same command again later, or use a commit hash as the revision.",
  });
}
