import { ApiError } from "@bitfleet/api/errors.ts";
import type { FastifyReply } from "fastify";
import { WorkQueue } from "../rpc/work-queue.ts";

/** Searches that run at a time; more would not be done sooner, on one thread. */
export const SEARCHES_RUNNING_MAX = 2;
/** Searches that wait for that. */
export const SEARCHES_WAITING_MAX = 16;
/** Of these, running and waiting, those of one caller. */
export const SEARCHES_OF_CALLER_MAX = 4;

const RETRY_SECONDS = 1;

/** Lets few costly answers be made at a time, and no caller take all the room there is for waiting. */
export class SearchGate {
  readonly #queue = new WorkQueue(SEARCHES_RUNNING_MAX, SEARCHES_WAITING_MAX);
  readonly #counts = new Map<string, number>();

  /** What `work` answers when its turn has come. Rejects with `ApiError` where there is no room: 429 for the caller's own, else 503. */
  async run<Value>(caller: string, reply: Pick<FastifyReply, "header">, work: () => Promise<Value>): Promise<Value> {
    const count = this.#counts.get(caller) ?? 0;
    if (count >= SEARCHES_OF_CALLER_MAX) {
      reply.header("Retry-After", RETRY_SECONDS);
      throw new ApiError(429, `${count} searches of yours are under way; wait for one of them.`);
    }
    this.#counts.set(caller, count + 1);
    try {
      return await this.#queued(reply, work);
    } finally {
      const left = this.#counts.get(caller)! - 1;
      if (left === 0) this.#counts.delete(caller);
      else this.#counts.set(caller, left);
    }
  }

  #queued<Value>(reply: Pick<FastifyReply, "header">, work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const isQueued = this.#queue.run(() => work().then(resolve, reject));
      if (isQueued) return;
      reply.header("Retry-After", RETRY_SECONDS);
      reject(new ApiError(503, "Too many searches are under way; try again later."));
    });
  }
}
