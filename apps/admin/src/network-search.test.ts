import { expect, test } from "vitest";
import { networkSearch } from "./network-search.ts";

test("the address of the page of the network keeps what makes sense", () => {
  expect(networkSearch({ tab: "local", direction: "inbound", filter: "v2", peer: 3, log: "miner-0" })).toEqual({
    tab: "local",
    direction: "inbound",
    filter: "v2",
    peer: 3,
    log: "miner-0",
  });
  expect(networkSearch({ filter: 127, peer: 0 })).toEqual({ filter: "127", peer: 0 });
});

test.each([
  { direction: "sideways" },
  { filter: "" },
  { filter: "x".repeat(101) },
  { filter: { a: 1 } },
  { peer: -1 },
  { peer: 1.5 },
  { peer: "3" },
  { log: "../passwd" },
  { log: "miner-" },
  { log: 5 },
])("%j says nothing", (search) => {
  expect(networkSearch(search)).toEqual({});
});
