import type { Writer } from "../files/writer.js";

/** Address, credentials and cache of the Hugging Face hub; the command line reads them from the environment. */
export interface HubSettings {
  /** Such as `https://huggingface.co`, without a trailing slash. */
  readonly endpoint: string;
  /** A cache in huggingface_hub's layout, such as `~/.cache/huggingface/hub`. */
  readonly cacheFolder: string;
  readonly token: string | null;
  /** Use the cache only: a missing file is an error. */
  readonly offline: boolean;
  /** Null for a direct connection. */
  readonly proxies: ProxySettings | null;
  readonly retryPolicy: RetryPolicy;
}

/** Addresses such as `http://NAME:PASSWORD@proxy.example:3128`. */
export interface ProxySettings {
  /** For `http://` URLs; null for none. */
  readonly http: string | null;
  /** For `https://` URLs; null uses `http`. */
  readonly https: string | null;
  /**
   * Hosts that are reached directly, as in NO_PROXY: `localhost,.example.com,10.0.0.1:8080`, or `*`. A name includes
   * its subdomains; address ranges (10.0.0.0/8) are not supported.
   */
  readonly except: string;
}

export interface RetryPolicy {
  /** Retries in a row without any new bytes. */
  readonly retries: number;
  /** Wait before the first retry; doubled for each further one. */
  readonly firstWaitMilliseconds: number;
  /** A connection that receives nothing for this long is closed. */
  readonly idleTimeoutMilliseconds: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  retries: 5,
  firstWaitMilliseconds: 1000,
  idleTimeoutMilliseconds: 30_000,
};

/** Settings, abort signal and callbacks of a download. */
export interface HubAccess {
  readonly settings: HubSettings;
  /** Aborts the download; partial files are kept, and the next download resumes them. */
  readonly signal: AbortSignal;
  /** Called before a recipe's first file is fetched, with all that the cache lacks; not called if it lacks nothing. */
  readonly onDownload?: (downloads: readonly HubDownload[]) => void;
  /** Bytes received, including those of partial files; decreases if a file has to restart. */
  readonly onProgress?: (bytes: number, totalBytes: number) => void;
  /** Called once per file that another process downloads, after a wait of two seconds. */
  readonly onWait?: (wait: HubWait) => void;
}

/** Pending download from a repository. */
export interface HubDownload {
  /** Such as `model meta-llama/Llama-3.2-1B@main`. */
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** A wait for a file that another process downloads. */
export interface HubWait {
  /** Relative to the repository's root. */
  readonly path: string;
  /** Null if the partial file's name does not identify it, as with huggingface_hub. */
  readonly writer: Writer | null;
}
