import { Agent, type IncomingMessage, request } from "node:http";

/** Clients of a service that never rest, and remember everything that went wrong. None of them tries again: each failure counts. */

interface Call {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

export interface CallAnswer {
  readonly status: number;
  readonly text: string;
}

/** Rests between two requests of one client, in turn: busy ones, and some in whose rest a connection may end. */
const RESTS_MS = [2, 5, 20, 100, 300];

export class ServiceLoad {
  readonly #host: string;
  readonly #paths: readonly string[];
  readonly failures: string[] = [];
  answerCount = 0;
  /** Connections that were opened for all this. */
  connectionCount = 0;
  #isOver = false;
  readonly #running: Promise<void>[] = [];

  constructor(host: string, paths: readonly string[]) {
    this.#host = host;
    this.#paths = paths;
  }

  /** So many clients that keep their connections, and so many that have a new one for each request. */
  begin(keepingCount: number, renewingCount: number): void {
    for (let index = 0; index < keepingCount; index++)
      this.#running.push(this.#run(new Agent({ keepAlive: true, maxSockets: 1 }), index));
    for (let index = 0; index < renewingCount; index++) this.#running.push(this.#run(new Agent(), index));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
  }

  async #run(agent: Agent, index: number): Promise<void> {
    const restMs = RESTS_MS[index % RESTS_MS.length]!;
    for (let turn = index; !this.#isOver; turn++) {
      const path = this.#paths[turn % this.#paths.length]!;
      await this.#note(path, this.#call({ path }, agent));
      await new Promise((resume) => (restMs === 0 ? setImmediate(resume) : setTimeout(resume, restMs)));
    }
    agent.destroy();
  }

  /** Sends a body of JSON. `undefined` where that failed, which is noted. */
  post(path: string, body: object): Promise<CallAnswer | undefined> {
    return this.#note(path, this.#call({ method: "POST", path, body: JSON.stringify(body) }, new Agent()));
  }

  async #note(path: string, call: Promise<CallAnswer>): Promise<CallAnswer | undefined> {
    try {
      const answer = await call;
      this.answerCount++;
      if (answer.status !== 200) this.failures.push(`${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
      return answer;
    } catch (error) {
      this.failures.push(`${path}: ${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`);
      return undefined;
    }
  }

  #call({ method = "GET", path, body }: Call, agent: Agent): Promise<CallAnswer> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
      const sent = request(`http://${this.#host}${path}`, { method, agent, headers }, (response) => {
        this.#textOf(response).then((text) => resolve({ status: response.statusCode!, text }), reject);
      });
      sent.once("socket", () => {
        if (!sent.reusedSocket) this.connectionCount++;
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async #textOf(response: IncomingMessage): Promise<string> {
    let text = "";
    for await (const part of response) text += String(part);
    return text;
  }
}
