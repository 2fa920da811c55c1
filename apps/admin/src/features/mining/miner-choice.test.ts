import { expect, test } from "vitest";
import { minerChoiceOf } from "./miner-choice.ts";

const node = (name: string, role: "miner" | "webserver") => ({ name, role }) as never;
const nodes = [node("miner-0", "miner"), node("miner-1", "miner"), node("webserver-0", "webserver")];

test("a node by itself has its own miner alone", () => {
  expect(minerChoiceOf(undefined, "miner-1")).toEqual({ node: undefined, isOther: false });
});

test("the node that the address names, else the one that answers if it mines, else the first miner", () => {
  const network = { self: "webserver-0", nodes };
  expect(minerChoiceOf(network, "miner-1")).toEqual({ node: "miner-1", isOther: true });
  expect(minerChoiceOf(network, "webserver-0")).toEqual({ node: "webserver-0", isOther: false });
  expect(minerChoiceOf(network, "miner-7")).toEqual({ node: "miner-0", isOther: true });
  expect(minerChoiceOf(network, undefined)).toEqual({ node: "miner-0", isOther: true });
  expect(minerChoiceOf({ ...network, self: "miner-1" }, undefined)).toEqual({ node: "miner-1", isOther: false });
});
