import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { accessFor, tokenCookie } from "../../src/dashboard/server/access.js";

const request = (headers: IncomingMessage["headers"]) => ({ headers }) as IncomingMessage;

test("on this machine's own address, only requests for this machine are answered", () => {
  const access = accessFor("127.0.0.1");
  expect(access.token).toBe(null);
  for (const host of ["127.0.0.1:7070", "localhost:7070", "[::1]:7070"])
    expect(access.isAllowed(request({ host })), host).toBe(true);
  for (const host of ["rebound.example:7070", "10.0.0.1:7070", ""])
    expect(access.isAllowed(request({ host })), host).toBe(false);
});

test("on another address, every request needs the token", () => {
  const access = accessFor("0.0.0.0");
  const token = access.token as string;
  expect(token.length).toBeGreaterThan(30);
  expect(access.isAllowed(request({ host: "127.0.0.1:7070" }))).toBe(false);
  expect(access.isAllowed(request({ cookie: tokenCookie(`${token}x`) }))).toBe(false);
  expect(access.isAllowed(request({ cookie: tokenCookie(token).split(";")[0] }))).toBe(true);
});

test("the tokens of two servers on one host do not replace each other", () => {
  const servers = [accessFor("0.0.0.0"), accessFor("0.0.0.0")];
  const cookies = servers.map(({ token }) => tokenCookie(token as string).split(";")[0]);
  expect(new Set(cookies.map((one) => one.split("=")[0])).size).toBe(2);
  for (const access of servers) expect(access.isAllowed(request({ cookie: cookies.join("; ") }))).toBe(true);
  expect(servers[0].isAllowed(request({ cookie: cookies[1] }))).toBe(false);
});
