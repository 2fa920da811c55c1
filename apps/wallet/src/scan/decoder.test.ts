import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DecodeAnswer, DecodeRequest } from "./decode-worker.ts";
import { createDecoder, DECODE_MS_MAX, DecoderStuck } from "./decoder.ts";
import type { CodeContent } from "./read-code.ts";

const CODE: CodeContent = { kind: "text", text: "a code" };
const picture = () => ({ width: 1, height: 1, data: new Uint8ClampedArray(4) });

/** Workers that answer when they are told to. */
function workers() {
  const begun: FakeWorker[] = [];
  class FakeWorker {
    onmessage: ((event: MessageEvent<DecodeAnswer>) => void) | null = null;
    onerror: ((event: ErrorEvent) => void) | null = null;
    readonly asked: DecodeRequest[] = [];
    isEnded = false;
    postMessage(request: DecodeRequest): void {
      this.asked.push(request);
    }
    terminate(): void {
      this.isEnded = true;
    }
    answer(content: CodeContent | undefined): void {
      const { id } = this.asked.shift()!;
      this.onmessage?.({ data: { id, content } } as MessageEvent<DecodeAnswer>);
    }
  }
  const begin = () => {
    const worker = new FakeWorker();
    begun.push(worker);
    return worker as unknown as Worker;
  };
  return { begun, begin };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a worker that never answers is ended, all that wait for it are told, and the next picture has a new one", async () => {
  const { begun, begin } = workers();
  const decoder = createDecoder(begin);
  const ends = ["picture", "frame"] as const;
  const waiting = ends.map((effort) => decoder.decode(picture(), effort).catch((error: unknown) => error));
  vi.advanceTimersByTime(DECODE_MS_MAX - 1);
  expect(begun.map(({ isEnded }) => isEnded)).toEqual([false]);
  vi.advanceTimersByTime(1);
  for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(DecoderStuck);
  expect(begun.map(({ isEnded }) => isEnded)).toEqual([true]);
  const next = decoder.decode(picture(), "picture");
  expect(begun.length).toBe(2);
  begun[1]!.answer(CODE);
  expect(await next).toBe(CODE);
});

test("each picture has its time from when the one before it is done, and no clock runs on when all are", async () => {
  const { begun, begin } = workers();
  const decoder = createDecoder(begin);
  const [first, second] = [decoder.decode(picture(), "picture"), decoder.decode(picture(), "frame")];
  vi.advanceTimersByTime(DECODE_MS_MAX - 1);
  begun[0]!.answer(undefined);
  expect(await first).toBeUndefined();
  vi.advanceTimersByTime(DECODE_MS_MAX - 1);
  begun[0]!.answer(CODE);
  expect(await second).toBe(CODE);
  expect(vi.getTimerCount()).toBe(0);
  const third = decoder.decode(picture(), "frame");
  decoder.close();
  expect(await third).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});
