import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printable, Telemetry } from "./telemetry.ts";
import type { LogOptions } from "./telemetry-options.ts";

describe("debug.log", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "bitfleet-log-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const open = (options: Partial<LogOptions> = {}, mockTime = 0) => {
    const telemetry = new Telemetry(
      {
        file: join(dir, "debug.log"),
        console: false,
        timestamps: false,
        timeMicros: false,
        threadNames: false,
        sourceLocations: false,
        levelAlways: false,
        categories: new Set(["net"]),
        level: "debug",
        shrink: false,
        ...options,
      },
      () => mockTime,
    );
    return telemetry;
  };
  const lines = () => readFileSync(join(dir, "debug.log"), "utf8").trimStart().split("\n").slice(0, -1);

  test("lines are there when the call returns, those from before the file was open too", () => {
    const telemetry = open();
    telemetry.logger("init").info("early");
    telemetry.open();
    telemetry.logger("init").info("late");
    expect(lines()).toEqual(["early", "late"]);
    telemetry.close();
  });

  test("levels and categories stand as in Core", () => {
    const telemetry = open();
    telemetry.open();
    const log = telemetry.logger("net");
    log.info("info");
    log.warn("warn");
    log.error("error");
    log.debug("net", "debug");
    log.debug("rpc", "not enabled");
    expect(lines()).toEqual(["info", "[warning] warn", "[error] error", "[net] debug"]);
    expect(telemetry.enable("rpc", true)).toBe(true);
    expect(telemetry.enable("nothing", true)).toBe(false);
    expect(telemetry.enable("libevent", true)).toBe(true);
    expect(telemetry.categories()).not.toHaveProperty("libevent");
    log.debug("rpc", "enabled");
    telemetry.enable("all", false);
    log.debug("net", "off");
    expect(lines().slice(4)).toEqual(["[rpc] enabled"]);
    telemetry.close();
  });

  test("prefixes: time, mocked time, thread, place, level always", () => {
    const telemetry = open(
      { timestamps: true, threadNames: true, sourceLocations: true, levelAlways: true },
      1_600_000_000,
    );
    telemetry.open();
    telemetry.logger("init").child("net").info("x");
    expect(lines()[0]).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(mocktime: 2020-09-13T12:26:40Z\) \[net\] \[net:0\] \[net\] \[all:info\] x$/,
    );
    telemetry.close();
  });

  test("facts follow the message; control characters of anybody are shown, not sent", () => {
    const telemetry = open();
    telemetry.open();
    telemetry.logger("net").info("peer\x1b[2J", { agent: "a b\r\x07", count: 2, amount: 5n, none: undefined });
    expect(lines()).toEqual([String.raw`peer\x1b[2J agent="a b\\x0d\\x07" count=2 amount=5`]);
    expect(printable("a\nb\tc\x7f")).toBe("a\nb\\x09c\\x7f");
    telemetry.close();
  });

  test("goes on in a new file after the old one was moved away", () => {
    const telemetry = open();
    telemetry.open();
    telemetry.logger("init").info("before");
    renameSync(join(dir, "debug.log"), join(dir, "debug.log.1"));
    telemetry.logger("init").info("still there");
    telemetry.reopen();
    telemetry.logger("init").info("after");
    telemetry.close();
    expect(lines()).toEqual(["after"]);
    expect(readFileSync(join(dir, "debug.log.1"), "utf8")).toContain("before\nstill there\n");
  });

  test("a file that grew far is cut to its end, one that did not is kept", () => {
    const file = join(dir, "debug.log");
    writeFileSync(file, `${"a".repeat(1_500_000)}${"b".repeat(10_000_000)}`);
    const telemetry = open({ shrink: true });
    telemetry.open();
    telemetry.close();
    expect(statSync(file).size).toBe(10_000_005);
    writeFileSync(file, "c".repeat(11_000_000));
    const other = open({ shrink: true });
    other.open();
    other.close();
    expect(statSync(file).size).toBe(11_000_005);
  });
});
