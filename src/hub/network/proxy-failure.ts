/** A proxy gave no tunnel. */
export class ProxyFailure extends Error {
  /** Without name and password. */
  readonly proxy: string;
  /** What it answered; null for no answer. */
  readonly status: number | null;

  constructor(proxy: URL, status: number | null, cause?: unknown) {
    super(`no tunnel through ${proxy.origin}`, { cause });
    this.proxy = proxy.origin;
    this.status = status;
  }
}
