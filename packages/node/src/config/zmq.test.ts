import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const zmqOf = (...args: readonly string[]) => {
  const outcome = readConfig(
    ["-regtest", "-datadir=/tmp", ...args],
    { defaultDataDir: "/tmp", workingDir: "/tmp" },
    "test",
  );
  if (!("config" in outcome)) throw new Error("not read");
  return outcome.config.zmq;
};

test("nothing is published unless it is asked for", () => {
  expect(zmqOf()).toEqual([]);
  expect(zmqOf("-zmqpubrawtxhwm=5")).toEqual([]);
});

test("in the order in which it is shown, with the limit of its topic; unix sockets by the name that libzmq has for them", () => {
  expect(
    zmqOf(
      "-zmqpubsequence=unix:/tmp/s",
      "-zmqpubrawtx=tcp://127.0.0.1:1",
      "-zmqpubrawtx=tcp://127.0.0.1:2",
      "-zmqpubrawtxhwm=5",
    ),
  ).toEqual([
    { topic: "rawtx", address: "tcp://127.0.0.1:1", highWaterMark: 5 },
    { topic: "rawtx", address: "tcp://127.0.0.1:2", highWaterMark: 5 },
    { topic: "sequence", address: "ipc:///tmp/s", highWaterMark: 1000 },
  ]);
});
