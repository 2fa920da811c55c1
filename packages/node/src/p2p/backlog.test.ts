import { describe, expect, test } from "vitest";
import { BACKLOG_BLOCKS_MAX, BACKLOG_BYTES_MAX, Backlog } from "./backlog.ts";

/** Work that ends when told. */
function work() {
  let finish!: () => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { promise, finish, fail };
}

/** Whether a promise is done once everything that can go on without further events went on. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe("a peer's backlog", () => {
  test("has room up to its number of blocks, and again when one of them is done", async () => {
    const backlog = new Backlog();
    const works = Array.from({ length: BACKLOG_BLOCKS_MAX }, work);
    for (const { promise } of works.slice(0, -1)) expect(await isDone(backlog.add(promise, 1))).toBe(true);
    const last = backlog.add(works.at(-1)!.promise, 1);
    expect(await isDone(last)).toBe(false);
    expect(backlog.size).toBe(BACKLOG_BLOCKS_MAX);
    works[3]!.finish();
    expect(await isDone(last)).toBe(true);
    expect(backlog.size).toBe(BACKLOG_BLOCKS_MAX - 1);
  });

  test("has room up to its bytes, whatever a single block takes", async () => {
    const backlog = new Backlog();
    const [small, rest, more] = [work(), work(), work()];
    expect(await isDone(backlog.add(small.promise, BACKLOG_BYTES_MAX - 2))).toBe(true);
    expect(await isDone(backlog.add(rest.promise, 1))).toBe(true);
    const full = backlog.add(more.promise, 1);
    expect(await isDone(full)).toBe(false);
    rest.finish();
    expect(await isDone(full)).toBe(true);
  });

  test("is settled when all is done, what came meanwhile too", async () => {
    const backlog = new Backlog();
    expect(await isDone(backlog.settled())).toBe(true);
    const [first, second] = [work(), work()];
    await backlog.add(first.promise, 1);
    const settled = backlog.settled();
    await backlog.add(second.promise, 1);
    first.finish();
    expect(await isDone(settled)).toBe(false);
    second.finish();
    expect(await isDone(settled)).toBe(true);
  });

  test("tells of work that failed, to whoever asks next", async () => {
    const backlog = new Backlog();
    const broken = work();
    await backlog.add(broken.promise, 1);
    broken.fail(new Error("disk full"));
    await expect(backlog.settled()).rejects.toThrow("disk full");
    await expect(backlog.add(Promise.resolve(), 1)).rejects.toThrow("disk full");
  });
});
