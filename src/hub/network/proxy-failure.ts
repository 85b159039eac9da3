/** A proxy did not open a tunnel. */
export class ProxyFailure extends Error {
  /** Its origin, without user name and password. */
  readonly proxy: string;
  /** HTTP status of its response; null without a response. */
  readonly status: number | null;

  constructor(proxy: URL, status: number | null, cause?: unknown) {
    super(`no tunnel through ${proxy.origin}`, { cause });
    this.proxy = proxy.origin;
    this.status = status;
  }
}
