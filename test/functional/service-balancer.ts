import { once } from "node:events";
import { Agent, get } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What a balancer of connections does before web servers: new ones go in turn to those whose probe answers 200, and stay where they are. */

interface Backend {
  readonly port: number;
  isReady: boolean;
}

/** Who has ended refuses a probe at once; one without an answer yet is a busy one. */
const PROBE_TIMEOUT_MS = 10_000;

export class ServiceBalancer {
  readonly #server: Server;
  readonly #backends: readonly Backend[];
  readonly #probeMs: number;
  readonly #sockets = new Set<Socket>();
  #next = 0;
  #isStopped = false;
  #probing: Promise<unknown> = Promise.resolve();

  private constructor(ports: readonly number[], probeMs: number) {
    this.#backends = ports.map((port) => ({ port, isReady: false }));
    this.#probeMs = probeMs;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#pass(client));
  }

  /** Listens on loopback, and probes the web servers at `ports` every `probeMs`. */
  static async open(ports: readonly number[], probeMs: number): Promise<ServiceBalancer> {
    const balancer = new ServiceBalancer(ports, probeMs);
    balancer.#server.listen(0, "127.0.0.1");
    await once(balancer.#server, "listening");
    balancer.#probing = Promise.all(balancer.#backends.map((backend) => balancer.#probe(backend)));
    return balancer;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  isReady(port: number): boolean {
    return this.#backends.some((backend) => backend.port === port && backend.isReady);
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await this.#probing;
  }

  async #probe(backend: Backend): Promise<void> {
    while (!this.#isStopped) {
      backend.isReady = await isReady(backend.port);
      await new Promise((resume) => setTimeout(resume, this.#probeMs));
    }
  }

  #pass(client: Socket): void {
    const ready = this.#backends.filter((backend) => backend.isReady);
    const backend = ready[this.#next++ % ready.length];
    if (backend === undefined) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: backend.port, host: "127.0.0.1", allowHalfOpen: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      // As a router would, which knows nothing of what it passes on.
      from.on("error", () => to.resetAndDestroy());
      from.on("close", () => this.#sockets.delete(from));
    }
  }
}

/** A connection of its own for each probe, as kubelets make them. */
function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, path: "/health/ready", agent: new Agent(), timeout: PROBE_TIMEOUT_MS };
    const sent = get(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(false));
  });
}
