export interface HubFile {
  /** In the repository, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** What the cache calls its content, and what is checked: the SHA-256 of large files, git's SHA-1 of a blob for small ones. */
  readonly digest: string;
  /** Git's name: of a large file, that of the pointer to it, where the hub tells it; else the digest. */
  readonly blobId: string;
}
