import { expect, test } from "vitest";
import { environmentArguments } from "./environment.ts";

test("without a role nothing of the environment counts", () => {
  expect(environmentArguments({ NODE_CONNECT_NODES: "other:2001", POD_IP: "10.0.0.1" })).toEqual([]);
  expect(environmentArguments({ NODE_IS_MINER: "", NODE_IS_WEB_SERVER: "" })).toEqual([]);
});

test("the first miner and one that follows it", () => {
  expect(
    environmentArguments({ NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "local", NODE_MINING_ADDRESS: "bcrt1q" }),
  ).toEqual(["-mining=interval", "-miningaddress=bcrt1q", "-bind=0.0.0.0:2001"]);
  expect(
    environmentArguments({
      NODE_IS_MINER: "yes",
      NODE_IS_WEB_SERVER: "no",
      NODE_CONNECT_NODES: "miner-0.miner-headless:2001, miner-1",
      NODE_ADDR: "127.0.0.1:2002",
    }),
  ).toEqual(["-bind=127.0.0.1:2002", "-addnode=miner-0.miner-headless:2001", "-addnode=miner-1"]);
});

test("a web server in a pod tells others the pod's address", () => {
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", POD_IP: "10.1.2.3" })).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-bind=0.0.0.0:2001",
    "-externalip=10.1.2.3:2001",
  ]);
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", POD_IP: "fd00::7", NODE_ADDR: "[::]:2005" })).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-bind=[::]:2005",
    "-externalip=[fd00::7]:2005",
  ]);
});

test("what is no value says what was expected", () => {
  expect(() => environmentArguments({ NODE_IS_MINER: "maybe" })).toThrow(
    "Invalid value 'maybe' for NODE_IS_MINER: yes or no is expected.",
  );
  expect(() => environmentArguments({ NODE_IS_MINER: "no", NODE_ADDR: "miner:2001" })).toThrow(
    "Invalid value 'miner:2001' for NODE_ADDR: an IP address with a port is expected, as 0.0.0.0:2001.",
  );
  expect(() => environmentArguments({ NODE_IS_MINER: "no", POD_IP: "x" })).toThrow(
    "Invalid value 'x' for POD_IP: an IP address is expected.",
  );
});
