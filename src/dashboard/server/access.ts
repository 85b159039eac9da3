import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Who may read. */
export interface Access {
  /** Null where only this machine can connect. */
  readonly token: string | null;
  /** Whether a request may be answered. */
  isAllowed(request: IncomingMessage): boolean;
  /** Whether a text is the token; the page then remembers it in a cookie. */
  isToken(text: string): boolean;
}

/** Of a server's own: browsers send the cookies of all ports of a host to each of them. */
const cookieName = (token: string) => `strata-${digest(token).toString("hex").slice(0, 16)}`;

/** Whether an address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** @param host  that the server listens on: with another than this machine's own, requests need a token */
export function accessFor(host: string): Access {
  const token = isLoopback(host) ? null : randomBytes(24).toString("base64url");
  const isToken = (text: string) => token !== null && timingSafeEqual(digest(text), digest(token));
  return {
    token,
    isToken,
    isAllowed({ headers }) {
      // A page of another site may make a browser ask for a name that resolves to this machine.
      if (token === null) return isLoopback(hostOf(headers.host ?? ""));
      return isToken(cookieOf(headers.cookie ?? "", cookieName(token)));
    },
  };
}

/** The cookie that lets a browser in. Other sites' pages cannot use it, and scripts cannot read it. */
export function tokenCookie(token: string): string {
  return `${cookieName(token)}=${token}; HttpOnly; SameSite=Strict; Path=/`;
}

function hostOf(header: string): string {
  return header.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function cookieOf(header: string, name: string): string {
  const found = header.split("; ").find((one) => one.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? "";
}

/** Of equal length for all texts, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
