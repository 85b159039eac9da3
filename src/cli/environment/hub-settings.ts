import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { defaultRetryPolicy, type HubSettings, type ProxySettings } from "../../hub/settings.js";
import { readText } from "../../files/read-text.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Hub settings from the variables of Hugging Face's own tools: HF_ENDPOINT, HF_HOME (XDG_CACHE_HOME), HF_HUB_CACHE,
 * HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE (TRANSFORMERS_OFFLINE), HF_HUB_DISABLE_IMPLICIT_TOKEN; and from the proxy
 * variables.
 */
export function hubSettings(environment: Environment, offline = false): HubSettings {
  const value = (name: string) => environment[name] || null;
  const folder = (name: string) => expandHome(value(name));
  const home = folder("HF_HOME") ?? join(folder("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "huggingface");
  return {
    endpoint: (value("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/+$/, ""),
    cacheFolder: folder("HF_HUB_CACHE") ?? folder("HUGGINGFACE_HUB_CACHE") ?? join(home, "hub"),
    token: isTrue(value("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
      ? null
      : (cleaned(value("HF_TOKEN") ?? value("HUGGING_FACE_HUB_TOKEN")) ??
        readToken(folder("HF_TOKEN_PATH") ?? join(home, "token"))),
    offline: offline || isTrue(value("HF_HUB_OFFLINE") ?? value("TRANSFORMERS_OFFLINE")),
    proxies: proxySettings(environment),
    retryPolicy: defaultRetryPolicy,
  };
}

/**
 * HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. Lowercase names take precedence, as in curl. An address without a
 * scheme gets `http://`.
 */
function proxySettings(environment: Environment): ProxySettings | null {
  const value = (name: string) => environment[name.toLowerCase()]?.trim() || environment[name]?.trim() || null;
  const address = (name: string) => value(name)?.replace(/^(?!.*:\/\/)/, "http://") ?? null;
  const http = address("HTTP_PROXY") ?? address("ALL_PROXY");
  const https = address("HTTPS_PROXY") ?? address("ALL_PROXY");
  return http === null && https === null ? null : { http, https, except: value("NO_PROXY") ?? "" };
}

function isTrue(value: string | null): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(value?.toUpperCase() ?? "");
}

function expandHome(path: string | null): string | null {
  return path === null ? null : path.replace(/^~(?=\/|$)/, homedir());
}

/** The token stored by `huggingface-cli login`. */
function readToken(path: string): string | null {
  return existsSync(path) ? cleaned(readText(path)) : null;
}

function cleaned(text: string | null): string | null {
  return text?.replace(/[\r\n]/g, "").trim() || null;
}
