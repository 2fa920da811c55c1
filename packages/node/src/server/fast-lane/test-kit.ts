import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client that sends bytes as they are and shows what came back. */
export class RawClient {
  readonly socket: Socket;
  #received = "";
  #wake: () => void = () => {};
  #isEnded = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (part) => {
      this.#received += part.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isEnded = true;
      this.#wake();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** All that came, once `isThere` says so or the server closed. */
  async until(isThere: (received: string) => boolean): Promise<string> {
    while (!this.#isEnded && !isThere(this.#received)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received;
  }

  /** All that came until the server closed. */
  closed(): Promise<string> {
    return this.until(() => false);
  }

  /** Sends a request and resolves with its answer, which ends with `end`. Forgets it. */
  async ask(request: string, end: string | RegExp = "}"): Promise<string> {
    this.send(request);
    const answer = await this.until((all) => (typeof end === "string" ? all.endsWith(end) : end.test(all)));
    this.#received = "";
    return answer;
  }
}

export const get = (url: string, ...lines: readonly string[]) =>
  `${[`GET ${url} HTTP/1.1`, "Host: localhost", ...lines].join("\r\n")}\r\n\r\n`;

/** Without what each answer has of its own: the time, and the number of the request. */
export const timeless = (text: string) =>
  text
    .replace(/^Date: .*$/gm, "Date: now")
    .replace(/^x-request-id: .*$/gm, "x-request-id: own")
    .replace(/"timestamp":"[^"]*"/g, '"timestamp":"now"');
