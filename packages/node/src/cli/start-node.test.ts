import { expect, test } from "vitest";
import { readStartNode } from "./start-node.ts";

const read = (text: string, environment = {}) =>
  readStartNode(
    text.split(" ").filter((word) => word !== ""),
    environment,
  );

test("the words say what the variables of a container say", () => {
  expect(read("yes no local -- bcrt1q")).toEqual({
    variables: {
      NODE_IS_MINER: "yes",
      NODE_IS_WEB_SERVER: "no",
      NODE_CONNECT_NODES: "local",
      NODE_MINING_ADDRESS: "bcrt1q",
      NODE_NETWORK: "regtest",
    },
    options: [],
  });
  expect(read("no yes miner-0:2001 -rpcport=18500 miner-1:2001 -datadir=/x --")).toMatchObject({
    variables: { NODE_IS_WEB_SERVER: "yes", NODE_CONNECT_NODES: "miner-0:2001,miner-1:2001", NODE_MINING_ADDRESS: "" },
    options: ["-rpcport=18500", "-datadir=/x"],
  });
  expect(read("no no local", { NODE_NETWORK: "signet" }).variables.NODE_NETWORK).toBe("signet");
  expect(read("no no local", { NODE_NETWORK: "" }).variables.NODE_NETWORK).toBe("regtest");
});

test.each([
  ["", /^Three things at least are expected: bitfleet startnode <is_miner>/],
  ["yes no", /^Three things at least/],
  ["yes no -- local", /^Three things at least/],
  ["true no local", /^Invalid value 'true' for <is_miner>: yes or no is expected\.$/],
  ["yes Yes local", /^Invalid value 'Yes' for <is_web_server>/],
  ["yes no local -- a b", /^One mining address is expected behind --, not 2/],
])("what is too little, too much or nothing of it: %j", (text, message) => {
  expect(() => read(text)).toThrow(message);
});
