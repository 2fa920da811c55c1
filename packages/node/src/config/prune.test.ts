import { expect, test } from "vitest";
import { pruneModeOf } from "./prune.ts";
import { newSettingSources, parseCommandLine } from "./settings.ts";

const MIB = 1024 * 1024;

function modeOf(...args: string[]) {
  const sources = newSettingSources();
  sources.network = "regtest";
  parseCommandLine(sources, args);
  return pruneModeOf(sources);
}

test.each([[[]], [["-prune=0"]], [["-noprune"]], [["-prune=550", "-noprune"]]])(
  "%j prunes nothing",
  (args: string[]) => {
    expect(modeOf(...args)).toBeUndefined();
  },
);

test("-prune=1 prunes on request, 550 and more by itself", () => {
  expect([modeOf("-prune=1"), modeOf("-prune")]).toEqual([
    { kind: "manual" },
    // Without a value an option of numbers is 0, as in Core.
    undefined,
  ]);
  expect(modeOf("-prune=550")).toEqual({ kind: "automatic", targetBytes: 550 * MIB });
  expect(modeOf("-prune=123456789")).toEqual({ kind: "automatic", targetBytes: 123_456_789 * MIB });
});

test("less is refused in Core's words", () => {
  const low = "Prune configured below the minimum of 550 MiB.  Please use a higher number.";
  expect(() => modeOf("-prune=2")).toThrow(low);
  expect(() => modeOf("-prune=549")).toThrow(low);
  expect(() => modeOf("-prune=-1")).toThrow("Prune cannot be configured with a negative value.");
});

test.each([
  ["-txindex", "Prune mode is incompatible with -txindex."],
  ["-txospenderindex", "Prune mode is incompatible with -txospenderindex."],
  ["-addressindex", "Prune mode is incompatible with -addressindex."],
  ["-reindex-chainstate", "Prune mode is incompatible with -reindex-chainstate. Use full -reindex instead."],
])("%s needs all blocks", (option, reason) => {
  expect(() => modeOf("-prune=550", option)).toThrow(reason);
  expect(() => modeOf("-prune=1", option)).toThrow(reason);
  expect(modeOf("-prune=0", option)).toBeUndefined();
  expect(modeOf("-prune=1", `${option}=0`)).toEqual({ kind: "manual" });
});

test.each(["-blockfilterindex", "-reindex", "-fastprune"])("%s goes with it", (option) => {
  expect(modeOf("-prune=1", option)).toEqual({ kind: "manual" });
});
