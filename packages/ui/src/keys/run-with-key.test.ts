import { ApiError } from "@bitfleet/api/errors.ts";
import { describe, expect, test } from "vitest";
import { KeyNotGiven } from "./key-errors.ts";
import { type EnteredKey, runWithKey } from "./run-with-key.ts";

/** Takes "right", and answers `error` to it where there is one. */
function node(error?: Error) {
  const sent: string[] = [];
  return {
    sent,
    call: async (key: string) => {
      sent.push(key);
      if (key !== "right") throw new ApiError(401, "The key is not known here.");
      if (error !== undefined) throw error;
      return "done";
    },
  };
}

function keeper(known: string, entries: readonly (string | undefined)[]) {
  const left = [...entries];
  const problems: (string | undefined)[] = [];
  let kept = known;
  return {
    problems,
    kept: () => kept,
    known: () => kept,
    remember: ({ key }: EnteredKey) => {
      kept = key;
    },
    forget: () => {
      kept = "";
    },
    ask: async (problem: string | undefined) => {
      problems.push(problem);
      const key = left.shift();
      return key === undefined ? undefined : { key, isKept: false };
    },
  };
}

describe("something that takes a key", () => {
  test("is done with the one that is known", async () => {
    const keys = keeper("right", []);
    expect(await runWithKey(keys, node().call)).toBe("done");
    expect(keys.problems).toEqual([]);
  });

  test("asks for one, again where it is wrong, and remembers the right one", async () => {
    const keys = keeper("", ["wrong", "right"]);
    const { sent, call } = node();
    expect(await runWithKey(keys, call)).toBe("done");
    expect(sent).toEqual(["wrong", "right"]);
    expect(keys.problems).toEqual([undefined, "The key is not known here."]);
    expect(keys.kept()).toBe("right");
  });

  test("forgets a known key that is refused, and is repeated with another", async () => {
    const keys = keeper("revoked", ["right"]);
    expect(await runWithKey(keys, node().call)).toBe("done");
    expect(keys.kept()).toBe("right");
  });

  test("is not done where none is given", async () => {
    const keys = keeper("", [undefined]);
    const { sent, call } = node();
    await expect(runWithKey(keys, call)).rejects.toThrow(KeyNotGiven);
    expect(sent).toEqual([]);
  });

  test.each([
    [new ApiError(409, "conflict"), "right"],
    [new ApiError(0, "no answer"), ""],
    [new ApiError(429, "too often"), ""],
    [new ApiError(503, "not now"), ""],
    [new Error("bug"), ""],
  ])("that fails with %s leaves the entered key as '%s'", async (error, kept) => {
    const keys = keeper("", ["right"]);
    await expect(runWithKey(keys, node(error).call)).rejects.toBe(error);
    expect(keys.kept()).toBe(kept);
  });
});
