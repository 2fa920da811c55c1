import { expect, test } from "vitest";
import { Lifecycle, StartInterrupted } from "./lifecycle.ts";
import type { Logger } from "./ports.ts";

function recordingLogger(lines: string[]): Logger {
  const add = (message: string) => void lines.push(message);
  const log: Logger = { debug: () => {}, info: add, warn: add, error: add, child: () => log };
  return log;
}

async function startThree(lifecycle: Lifecycle, steps: string[]): Promise<void> {
  for (const name of ["a", "b", "c"]) {
    await lifecycle.start(
      name,
      () => void steps.push(`start ${name}`),
      async () => void steps.push(`stop ${name}`),
    );
  }
}

test("services stop in reverse order, once", async () => {
  const steps: string[] = [];
  const lifecycle = new Lifecycle();
  await startThree(lifecycle, steps);
  await Promise.all([lifecycle.stopAll(recordingLogger([])), lifecycle.stopAll(recordingLogger([]))]);
  expect(steps).toEqual(["start a", "start b", "start c", "stop c", "stop b", "stop a"]);
});

test("a start that fails leaves nothing running", async () => {
  const steps: string[] = [];
  const lifecycle = new Lifecycle();
  await startThree(lifecycle, steps);
  const failing = () => Promise.reject(new Error("no"));
  await expect(lifecycle.start("d", failing, () => void steps.push("stop d"))).rejects.toThrow("no");
  await lifecycle.stopAll(recordingLogger([]));
  expect(steps.slice(3)).toEqual(["stop c", "stop b", "stop a"]);
});

test("the wish to stop is honoured between two steps and wakes who waits", async () => {
  const lifecycle = new Lifecycle();
  const woken = lifecycle.stopRequested();
  lifecycle.requestStop();
  await woken;
  await lifecycle.stopRequested();
  await expect(
    lifecycle.start(
      "late",
      () => 1,
      () => {},
    ),
  ).rejects.toBeInstanceOf(StartInterrupted);
});

test("a service that cannot stop does not keep the others, and is the failure unless there was one", async () => {
  const stopped: string[] = [];
  const lines: string[] = [];
  const lifecycle = new Lifecycle();
  await lifecycle.start(
    "good",
    () => 1,
    () => void stopped.push("good"),
  );
  await lifecycle.start(
    "bad",
    () => 1,
    () => {
      throw new Error("stuck");
    },
  );
  await lifecycle.stopAll(recordingLogger(lines));
  expect(stopped).toEqual(["good"]);
  expect(lines).toEqual(["Error while stopping bad"]);
  expect(lifecycle.failure?.message).toBe("stuck");

  const failed = new Lifecycle();
  failed.fail(new Error("first"));
  failed.fail(new Error("second"));
  expect(failed.failure?.message).toBe("first");
});

test("what is to be done before the stop is done while everything runs, once, and awaited", async () => {
  const steps: string[] = [];
  const lifecycle = new Lifecycle();
  await startThree(lifecycle, steps);
  let end = () => {};
  lifecycle.beforeStop(async () => {
    steps.push("farewell");
    await new Promise<void>((resolve) => {
      end = resolve;
    });
  });
  lifecycle.requestStop();
  lifecycle.requestStop();
  await Promise.resolve();
  expect([lifecycle.signal.aborted, steps.slice(3)]).toEqual([false, ["farewell"]]);
  // Something that is needed on the way may still be started.
  await lifecycle.start(
    "d",
    () => 1,
    () => void steps.push("stop d"),
  );
  end();
  await lifecycle.stopRequested();
  await lifecycle.stopAll(recordingLogger([]));
  expect(steps.slice(3)).toEqual(["farewell", "stop d", "stop c", "stop b", "stop a"]);
});

test("a node that cannot go on does not wait for what is to be done before a stop", async () => {
  const lifecycle = new Lifecycle();
  let isCut = false;
  lifecycle.beforeStop(
    (signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          isCut = true;
          resolve();
        });
      }),
  );
  lifecycle.requestStop();
  lifecycle.fail(new Error("the disk is gone"));
  await lifecycle.stopRequested();
  expect([isCut, lifecycle.failure?.message]).toEqual([true, "the disk is gone"]);
});

test("who does not want to wait for what is to be done before a stop has the stop at once, and an orderly one", async () => {
  const steps: string[] = [];
  const lifecycle = new Lifecycle();
  await startThree(lifecycle, steps);
  expect(lifecycle.cutFarewells()).toBe(false);
  lifecycle.beforeStop((signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())));
  lifecycle.requestStop();
  expect([lifecycle.signal.aborted, lifecycle.cutFarewells(), lifecycle.signal.aborted]).toEqual([false, true, true]);
  await lifecycle.stopAll(recordingLogger([]));
  expect(steps.slice(3)).toEqual(["stop c", "stop b", "stop a"]);
  // There is nothing left to be cut.
  expect([lifecycle.cutFarewells(), lifecycle.failure]).toEqual([false, undefined]);
});

test("a farewell that fails is the failure, and does not keep the node from stopping", async () => {
  const lifecycle = new Lifecycle();
  lifecycle.beforeStop(() => Promise.reject(new Error("no")));
  lifecycle.requestStop();
  await lifecycle.stopRequested();
  expect(lifecycle.failure?.message).toBe("no");
});
