import type { Writer } from "../files/writer.js";

/** How the Hugging Face hub is reached and where its files are kept; the command line takes this from the environment. */
export interface HubSettings {
  /** Such as `https://huggingface.co`, without a slash at the end. */
  readonly endpoint: string;
  /** A cache in huggingface_hub's layout, such as `~/.cache/huggingface/hub`. */
  readonly cacheFolder: string;
  readonly token: string | null;
  /** The network is not used: what is not in the cache is an error. */
  readonly offline: boolean;
  /** Null where nothing stands between. */
  readonly proxies: ProxySettings | null;
  readonly patience: Patience;
}

/** Addresses such as `http://NAME:PASSWORD@proxy.example:3128`. */
export interface ProxySettings {
  /** For addresses that begin with http://; null for none. */
  readonly http: string | null;
  /** For those that begin with https://; null for the same one. */
  readonly https: string | null;
  /**
   * Hosts that are reached without: `localhost,.example.com,10.0.0.1:8080`, or `*`. A name stands for those below it too; ranges of
   * addresses (10.0.0.0/8) are not understood.
   */
  readonly except: string;
}

export interface Patience {
  /** How often a request that gave nothing new is made again. */
  readonly retries: number;
  /** Before the first retry; doubled each time. */
  readonly firstWaitMilliseconds: number;
  /** A connection that is silent for so long counts as cut. */
  readonly silenceMilliseconds: number;
}

export const usualPatience: Patience = { retries: 5, firstWaitMilliseconds: 1000, silenceMilliseconds: 30_000 };

/** What a download needs beside what is to be downloaded. */
export interface HubAccess {
  readonly settings: HubSettings;
  /** Ends the download; what has arrived is kept, and the next one goes on from there. */
  readonly signal: AbortSignal;
  /** Called before the first file of a recipe is fetched, with all that the cache lacks of it; not if it has everything. */
  readonly onDownload?: (downloads: readonly HubDownload[]) => void;
  /** Bytes that are there, of all that are needed; falls if a file has to start anew. */
  readonly onProgress?: (bytes: number, totalBytes: number) => void;
  /** Called once for a file that another process downloads, when we have waited for it for two seconds. */
  readonly onWait?: (wait: HubWait) => void;
}

/** What is to be downloaded of a repository. */
export interface HubDownload {
  /** Such as `model meta-llama/Llama-3.2-1B@main`. */
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** Another process is at work on a file that we need. */
export interface HubWait {
  /** In the repository. */
  readonly path: string;
  /** Null where its partial file does not tell, as those of huggingface_hub. */
  readonly writer: Writer | null;
}
