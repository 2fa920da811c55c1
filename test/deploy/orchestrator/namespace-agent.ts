import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { buildSync } from "esbuild";
import type { DnsZone } from "./dns-zone.ts";

/** Makes of in-namespace.ts a file that Node runs as it is, in `folder`; returns its path. */
export function bundleAgent(folder: string): string {
  const outfile = join(folder, "in-namespace.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "in-namespace.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return outfile;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpQuestion {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the whole request. */
  readonly timeoutMs: number;
  /** Connections that are kept for further requests; a new one for each where there is none. */
  readonly agent?: Agent;
}

/** Speaks inside a network namespace for this process, which stays where it is. */
export class NamespaceAgent {
  readonly #child: ChildProcess;
  readonly #socketPath: string;
  #output = "";

  private constructor(child: ChildProcess, socketPath: string) {
    this.#child = child;
    this.#socketPath = socketPath;
    child.stderr!.on("data", (text) => {
      this.#output += text;
    });
  }

  /** Starts the program of {@link bundleAgent} in the namespace; with `dnsAddress` it answers DNS there. */
  static async start(
    bundle: string,
    namespace: string,
    socketPath: string,
    dnsAddress?: string,
  ): Promise<NamespaceAgent> {
    const program = [process.execPath, bundle, socketPath, ...(dnsAddress === undefined ? [] : [dnsAddress])];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "nsenter", `--net=/run/netns/${namespace}`, ...program], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const agent = new NamespaceAgent(child, socketPath);
    await Promise.race([once(child, "message"), once(child, "exit").then(() => agent.#fail())]);
    return agent;
  }

  setZone(zone: DnsZone): void {
    if (this.#child.connected) this.#child.send(zone);
  }

  /** A connection to an address that the namespace reaches. Rejects with the code of the error. */
  async connect(address: string, port: number, timeoutMs: number): Promise<Socket> {
    const socket = connect({ path: this.#socketPath, allowHalfOpen: false });
    socket.on("error", () => {});
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    try {
      socket.write(`${address} ${port}\n`);
      const verdict = await firstLine(socket);
      if (verdict !== "ok") throw Object.assign(new Error(`${address}:${port}: ${verdict}`), { code: verdict });
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Connections of HTTP that are kept open between requests. */
  keepAlive(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    return this.#through(agent);
  }

  /** Asks by HTTP. Rejects where no whole answer comes. */
  http({ address, port, path, timeoutMs, body, ...question }: HttpQuestion): Promise<HttpAnswer> {
    const agent = question.agent ?? this.#through(new Agent({ keepAlive: false }));
    const length =
      body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
    const headers = { host: `${address}:${port}`, ...length, ...question.headers };
    return new Promise((resolve, reject) => {
      const options = { host: address, port, path, method: question.method ?? "GET", headers, agent };
      const outgoing = request({ ...options, signal: AbortSignal.timeout(timeoutMs) }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: incoming.statusCode!, headers: incoming.headers, body: text });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #through(agent: Agent): Agent {
    const open = (
      options: { host?: string; port?: number | string },
      done: (error: Error | null, socket: Duplex) => void,
    ) => {
      this.connect(options.host!, Number(options.port), 10_000).then(
        (socket) => done(null, socket),
        (error) => done(error, undefined as unknown as Duplex),
      );
      return undefined;
    };
    return Object.assign(agent, { createConnection: open });
  }

  #fail(): never {
    throw new Error(`the program inside the namespace ended: ${this.#output}`);
  }
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onReadable = () => {
      // One byte at a time: what is behind the line is not ours.
      for (let byte = socket.read(1); byte !== null; byte = socket.read(1)) {
        if (byte[0] === 10) return settle(() => resolve(text));
        text += String.fromCharCode(byte[0]);
      }
    };
    const onClose = () => settle(() => reject(new Error("no connection within the time")));
    const settle = (end: () => void) => {
      socket.off("readable", onReadable);
      socket.off("close", onClose);
      socket.off("end", onClose);
      end();
    };
    socket.on("readable", onReadable);
    socket.on("close", onClose);
    socket.on("end", onClose);
  });
}
