import { Agent, request } from "node:http";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { expect } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { OURS, type Program } from "./interop-node.ts";
import type { MempoolChain } from "./mempool-chain.ts";
import { TestNode } from "./test-node.ts";

/** A node of Bitcoin Core, and one of ours with a web server: what the one says over JSON-RPC, the other must say over HTTP. */

/** An answer over HTTP. */
export interface WebAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly isImmutable: boolean;
  readonly body: string;
}

/** What is asked of Core is read as data whose shape its documentation tells. */
// biome-ignore lint/suspicious/noExplicitAny: a type for each of forty answers would say nothing that the comparisons do not say
export type Answered = any;

const INDEXES = ["-txindex=1", "-txospenderindex=1", "-rest=1"];

export class WebPair {
  readonly core: TestNode;
  readonly ours: TestNode;
  readonly webPort: number;
  /** Connections that stay open, as those that are answered by the fast lane. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  /** What was marked as never changing, by path. */
  readonly #kept = new Map<string, string>();
  /** The last answer of each path, with its tag. */
  readonly #seen = new Map<string, WebAnswer>();

  private constructor(core: TestNode, ours: TestNode, webPort: number) {
    this.core = core;
    this.ours = ours;
    this.webPort = webPort;
  }

  /** Both have the chain. */
  static async start(
    core: Program,
    chain: Pick<MempoolChain, "blocks">,
    args: readonly string[] = [],
  ): Promise<WebPair> {
    const webPort = await freePort();
    const [first, second] = await Promise.all([
      TestNode.start(undefined, [...INDEXES, ...args], core.path),
      TestNode.start(undefined, [...INDEXES, `-webport=${webPort}`, ...args], OURS.path),
    ]);
    const pair = new WebPair(first, second, webPort);
    for (const block of chain.blocks) expect(await pair.both("submitblock", toHex(block.bytes))).toBeNull();
    return pair;
  }

  /** Our node beside itself: what it says of addresses beside what its own blocks say. */
  static ofOne(node: TestNode, webPort: number): WebPair {
    return new WebPair(node, node, webPort);
  }

  /** Calls both; fails where they do not answer the same, errors included. */
  async both(method: string, ...params: readonly unknown[]): Promise<Answered> {
    const [core, ours] = await Promise.all(
      [this.core, this.ours].map((node) =>
        node.call(method, ...params).catch((error: Error) => `error: ${error.message}`),
      ),
    );
    expect(ours, `${method} ${JSON.stringify(params).slice(0, 500)}`).toEqual(core);
    return core;
  }

  /** Bytes of Core's own REST interface, of both. */
  async sameRest(path: string): Promise<void> {
    const [core, ours] = await Promise.all([
      this.#fetch(this.core.rpcPort, path),
      this.#fetch(this.ours.rpcPort, path),
    ]);
    expect({ status: ours!.status, body: ours!.body }, path).toEqual({ status: core!.status, body: core!.body });
  }

  /** The data of an answer of ours under /api/v1; the status, where that is no 200. */
  async get(path: string): Promise<Answered> {
    const { status, body } = await this.answer(`/api/v1${path}`);
    return status === 200 ? JSON.parse(body).data : status;
  }

  /** What Esplora's interface says: data, or text. */
  async esplora(path: string): Promise<Answered> {
    const { status, body } = await this.#fetch(this.webPort, `/esplora${path}`);
    if (status !== 200) return status;
    return body.startsWith("{") || body.startsWith("[") ? JSON.parse(body) : body;
  }

  /**
   * Asks, each second time with the tag of the last answer: a 304 must stand for what is answered without it, and what is said never
   * to change must not.
   */
  async answer(path: string): Promise<WebAnswer> {
    const before = this.#seen.get(path);
    const again = before?.etag && (await this.#fetch(this.webPort, path, { "if-none-match": before.etag }));
    const now = await this.#fetch(this.webPort, path);
    if (again && again.status === 304 && dataOf(now) !== dataOf(before!)) {
      // What is worked out once a second may have become due between the two.
      const third = await this.#fetch(this.webPort, path, { "if-none-match": before!.etag! });
      expect(third.status, `asked again for ${path} with an old tag`).toBe(200);
    }
    const kept = this.#kept.get(path);
    if (kept !== undefined && now.status === 200) expect(dataOf(now), `immutable ${path}`).toBe(kept);
    if (now.isImmutable) this.#kept.set(path, dataOf(now));
    this.#seen.set(path, now);
    return now;
  }

  /** Asks again for all that was said never to change. */
  async checkKept(): Promise<number> {
    for (const path of [...this.#kept.keys()]) expect((await this.answer(path)).status, path).toBe(200);
    return this.#kept.size;
  }

  close(): void {
    this.#agent.destroy();
  }

  #fetch(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, agent: this.#agent, headers }, (reply) => {
        const parts: Buffer[] = [];
        reply.on("data", (part) => parts.push(part));
        reply.on("error", reject);
        reply.on("end", () =>
          resolve({
            status: reply.statusCode!,
            etag: reply.headers.etag,
            isImmutable: reply.headers["cache-control"]?.includes("immutable") === true,
            body: Buffer.concat(parts).toString("latin1"),
          }),
        );
      });
      asked.on("error", reject);
      asked.end();
    });
  }
}

/** Without the time in the envelope, which is another one each time. */
const dataOf = ({ body }: WebAnswer) => body.replace(/"timestamp":"[^"]*"\}$/, "");
