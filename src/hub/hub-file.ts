export interface HubFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Names the blob in the cache and verifies its content: SHA-256 of large files, git's blob SHA-1 of small ones. */
  readonly digest: string;
  /** Git's blob SHA-1: of a large file, that of its LFS pointer, if the hub reports it; otherwise the digest. */
  readonly blobId: string;
}
