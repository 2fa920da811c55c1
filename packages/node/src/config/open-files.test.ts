import { expect, test } from "vitest";
import { bindCount, connectionsThatFit } from "./open-files.ts";
import { ConfigError, newSettingSources, parseCommandLine } from "./settings.ts";

const countOf = (...args: string[]) => {
  const sources = newSettingSources();
  sources.network = "regtest";
  parseCommandLine(sources, args);
  return bindCount(sources);
};

test("connections are as many as asked for, up to what the open files leave", () => {
  expect(connectionsThatFit(125, 1, 285)).toBe(125);
  expect(connectionsThatFit(125, 1, 284)).toBe(124);
  expect(connectionsThatFit(125, 2, 285)).toBe(124);
  expect(connectionsThatFit(125, 1, 160)).toBe(0);
  expect(connectionsThatFit(1_000_000, 1, undefined)).toBe(1_000_000);
});

test("without files for anything else the node does not start", () => {
  expect(() => connectionsThatFit(0, 1, 159)).toThrow(
    new ConfigError("Not enough file descriptors available. 159 available, 160 required."),
  );
});

test("each address that is listened at counts, one where none is named", () => {
  expect(countOf()).toBe(1);
  expect(countOf("-bind=127.0.0.1")).toBe(1);
  expect(countOf("-bind=127.0.0.1", "-whitebind=noban@127.0.0.1:7")).toBe(2);
});
