import { describe, expect, test, vi } from "vitest";
import { leaveNetwork, networkFetch, onNetworkLeft } from "./network-scope.ts";

/** Answers when it is told to, unless it is given up before. */
function held() {
  const asked: string[] = [];
  let answer: (() => void) | undefined;
  const send: typeof fetch = (input, options) =>
    new Promise((resolve, reject) => {
      asked.push(String(input));
      options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
      answer = () => resolve(new Response("answer"));
    });
  return { asked, send, answer: () => answer?.() };
}

describe("a network that is left", () => {
  test("answers nothing more of what is under way", async () => {
    const { send, answer } = held();
    const asking = networkFetch(send)("/x");
    leaveNetwork();
    answer();
    await expect(asking).rejects.toThrow("left before it answered");
  });

  test("is asked nothing more, not even by who kept its client", async () => {
    const { send, asked } = held();
    const kept = networkFetch(send);
    leaveNetwork();
    await expect(kept("/secret")).rejects.toThrow("left before it answered");
    expect(asked).toEqual([]);
  });

  test("makes room for another, which answers", async () => {
    leaveNetwork();
    const { send, answer } = held();
    const asking = networkFetch(send)("/x");
    await Promise.resolve();
    answer();
    expect(await (await asking).text()).toBe("answer");
  });

  test("is told to who keeps something of it, until they have enough", () => {
    const heard = vi.fn();
    const stop = onNetworkLeft(heard);
    leaveNetwork();
    stop();
    leaveNetwork();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test("still ends a request for the caller's own reason", async () => {
    const { send } = held();
    const own = new AbortController();
    const asking = networkFetch(send)("/x", { signal: own.signal });
    own.abort(new Error("mine"));
    await expect(asking).rejects.toThrow("mine");
  });
});
