/** Health and metrics over HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError } from "../config";
import type { Metrics } from "./metrics";

export interface Health {
  readonly isHealthy: boolean;
  readonly status: unknown;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `/health`: 200, or 503 while something grave is wrong, with what is known as JSON. `/metrics`: for Prometheus. */
export async function serveHealth(
  port: number,
  host: string,
  metrics: Metrics,
  health: () => Health,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/metrics") {
      void metrics.registry.metrics().then((text) => {
        response.writeHead(200, { "content-type": metrics.registry.contentType });
        response.end(text);
      });
      return;
    }
    const { isHealthy, status } = health();
    response.writeHead(pathname !== "/health" ? 404 : isHealthy ? 200 : 503, { "content-type": "application/json" });
    response.end(pathname === "/health" ? `${JSON.stringify(status, plain)}\n` : "{}\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ message }) =>
      reject(new ConfigError([`metricsPort: ${host}:${port} can't be listened at (${message}): write another port`])),
    );
    server.listen(port, host, resolve);
  });
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${bound}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
