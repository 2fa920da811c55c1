import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Requests over kept connections, one at a time on each, as fast as the answers come: nothing but counting is done between them. */

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

export interface LoadOptions {
  readonly port: number;
  /** Bytes of a whole request. */
  readonly request: string;
  readonly connections: number;
  readonly durationMs: number;
}

/** Loads a server on this machine. Rejects at the first answer that is none with status 200 and a length. */
export async function load(options: LoadOptions): Promise<Load> {
  const { port, connections, durationMs } = options;
  const waitsMs: number[] = [];
  const open = await Promise.all(Array.from({ length: connections }, () => LoadConnection.open(port)));
  const startMs = performance.now();
  const request = Buffer.from(options.request, "latin1");
  await Promise.all(open.map((one) => one.run(request, startMs + durationMs, waitsMs)));
  const seconds = (performance.now() - startMs) / 1000;
  for (const one of open) one.close();
  const sorted = Float64Array.from(waitsMs).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { perSecond: sorted.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
}

class LoadConnection {
  readonly #socket: Socket;
  #onData: (part: Buffer) => void = () => {};
  #fail: (error: Error) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (part: Buffer) => this.#onData(part));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed a connection")));
  }

  static async open(port: number): Promise<LoadConnection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new LoadConnection(socket);
  }

  /** Asks again and again until `endMs`; the waits go into `waitsMs`. */
  run(request: Buffer, endMs: number, waitsMs: number[]): Promise<void> {
    const sizes = new AnswerSizes();
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      let sentMs = performance.now();
      let missing = 0;
      this.#onData = (part) => {
        try {
          missing = missing > 0 ? missing - part.length : sizes.of(part) - part.length;
        } catch (error) {
          reject(error as Error);
          return;
        }
        if (missing > 0) return;
        const nowMs = performance.now();
        waitsMs.push(nowMs - sentMs);
        if (nowMs >= endMs) {
          resolve();
          return;
        }
        sentMs = nowMs;
        this.#socket.write(request);
      };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#fail = () => {};
    this.#socket.destroy();
  }
}

const ZERO = "0".charCodeAt(0);
const NINE = "9".charCodeAt(0);
const CARRIAGE_RETURN = "\r".charCodeAt(0);

/** How long answers are, from their first part. Where the length stands is searched once: heads of the same answer are alike. */
class AnswerSizes {
  #lengthAt = 0;
  #headSize = 0;
  #digits = 0;

  of(part: Buffer): number {
    let length = 0;
    let at = this.#lengthAt;
    for (let byte = part[at]; byte !== undefined && byte >= ZERO && byte <= NINE; byte = part[++at]) {
      length = length * 10 + byte - ZERO;
    }
    const isAlike = this.#digits > 0 && at - this.#lengthAt === this.#digits && part[at] === CARRIAGE_RETURN;
    return isAlike ? this.#headSize + length : this.#search(part);
  }

  #search(part: Buffer): number {
    const text = part.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    const found = /^HTTP\/1\.1 200 [\s\S]*?\r\ncontent-length: *(\d+)\r\n/i.exec(text);
    const digits = found?.[1];
    if (found === null || digits === undefined || end < 0) throw new Error(`not an answer: ${text.slice(0, 300)}`);
    this.#lengthAt = found[0].length - "\r\n".length - digits.length;
    this.#digits = digits.length;
    this.#headSize = end + "\r\n\r\n".length;
    return this.#headSize + Number(digits);
  }
}
