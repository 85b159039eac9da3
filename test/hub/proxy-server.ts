import { createServer, type IncomingHttpHeaders } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

export interface Tunnel {
  /** `HOST:PORT` */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ProxyServer {
  /** `http://HOST:PORT` */
  readonly address: string;
  readonly tunnels: Tunnel[];
  /** The response to CONNECT instead of a tunnel: a status, or a closed connection; null opens tunnels. */
  refusal: number | "cut" | null;
  /** Addresses of hosts that only this proxy can resolve, by `HOST:PORT`. */
  readonly known: Map<string, string>;
  close(): Promise<void>;
}

/** A proxy that opens tunnels (CONNECT) and does nothing else. */
export async function startProxy(): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => socket.destroy())));
  server.on("connect", ({ url: target = "", headers }, client: Socket) => {
    proxy.tunnels.push({ target, headers });
    if (proxy.refusal === "cut") return client.destroy();
    if (proxy.refusal !== null) return client.end(`HTTP/1.1 ${proxy.refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
    const [host, port] = (proxy.known.get(target) ?? target).split(":");
    const remote = connect(Number(port), host, () => client.write("HTTP/1.1 200 Connection established\r\n\r\n"));
    sockets.add(remote.on("error", () => client.destroy()));
    client.pipe(remote).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: ProxyServer = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels: [],
    refusal: null,
    known: new Map(),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
