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
