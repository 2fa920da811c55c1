import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestNode, type TestNode } from "../test-kit.ts";

const folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
let node: TestNode;

beforeAll(async () => {
  node = await openTestNode(folder);
});
afterAll(async () => {
  await node.close();
  rmSync(folder, { recursive: true, force: true });
});

const resultOf = async (method: string, params?: unknown) => {
  const { result, error } = await node.call(method, params);
  expect(error).toBeNull();
  return result;
};
const errorOf = async (method: string, params?: unknown) => (await node.call(method, params)).error;

describe("bans", () => {
  test("are listed in order, end, and are taken back", async () => {
    await resultOf("setban", ["192.168.0.1", "add", 1]);
    await resultOf("setban", ["127.0.0.0/24", "add"]);
    await resultOf("setban", ["2001:4d48:ac57:400:cacf:e9ff:fe1d:9c63/19", "add", 1000]);
    const banned: { address: string; ban_duration: number }[] = await resultOf("listbanned");
    expect(banned.map(({ address, ban_duration: seconds }) => [address, seconds])).toEqual([
      ["127.0.0.0/24", 86_400],
      ["192.168.0.1/32", 1],
      ["2001:4000::/19", 1000],
    ]);
    await resultOf("setban", ["127.0.0.0/24", "remove"]);
    await resultOf("clearbanned");
    expect(await resultOf("listbanned")).toEqual([]);
  });

  test.each([
    [["127.0.0.1/42", "add"], -30, "Error: Invalid IP/Subnet"],
    [["0.0.0.0", "add"], -30, "Error: Invalid IP/Subnet"],
    [["127.0.0.1", "add", 1, true], -8, "Error: Absolute timestamp is in the past"],
    [["10.0.0.1", "remove"], -30, "Error: Unban failed. Requested address/subnet was not previously manually banned."],
  ])("setban %j", async (params, code, message) => {
    expect(await errorOf("setban", params)).toEqual({ code, message });
  });

  test("the same range twice", async () => {
    await resultOf("setban", ["10.1.0.0/16", "add"]);
    expect(await errorOf("setban", ["10.1.0.0/16", "add"])).toEqual({
      code: -23,
      message: "Error: IP/Subnet already banned",
    });
    expect(await errorOf("setban", ["10.1.2.3", "add"])).toMatchObject({ code: -23 });
    // Before its time is looked at.
    expect(await errorOf("setban", ["10.1.2.3", "add", 5, true])).toMatchObject({ code: -23 });
    expect(await errorOf("setban", ["10.1.2.3", "add", 1.5])).toMatchObject({ code: -23 });
    expect(await errorOf("setban", ["10.1.2.3", "add", "5"])).toMatchObject({ code: -3 });
    expect(await errorOf("setban", ["10.2.2.3", "add", 1.5])).toEqual({
      code: -1,
      message: "JSON integer out of range",
    });
    await resultOf("clearbanned");
  });
});

describe("added nodes", () => {
  test("are added and removed once", async () => {
    await resultOf("addnode", ["192.0.2.1:18444", "add", false]);
    expect(await errorOf("addnode", ["192.0.2.1:18444", "add", false])).toEqual({
      code: -23,
      message: "Error: Node already added",
    });
    expect(await resultOf("getaddednodeinfo")).toEqual([
      { addednode: "192.0.2.1:18444", connected: false, addresses: [] },
    ]);
    expect(await errorOf("getaddednodeinfo", ["192.0.2.2"])).toEqual({
      code: -24,
      message: "Error: Node has not been added.",
    });
    await resultOf("addnode", ["192.0.2.1:18444", "remove"]);
    expect(await errorOf("addnode", ["192.0.2.1:18444", "remove"])).toEqual({
      code: -24,
      message: "Error: Node could not be removed. It has not been added previously.",
    });
    expect((await errorOf("addnode", ["192.0.2.1", "dance"]))?.code).toBe(-1);
  });

  test("disconnectnode needs one name of a peer", async () => {
    const onlyOne = { code: -32602, message: "Only one of address and nodeid should be provided." };
    expect(await errorOf("disconnectnode", [])).toEqual(onlyOne);
    expect(await errorOf("disconnectnode", ["127.0.0.1:1", 1])).toEqual(onlyOne);
    const notFound = { code: -29, message: "Node not found in connected nodes" };
    expect(await errorOf("disconnectnode", ["127.0.0.1:1"])).toEqual(notFound);
    expect(await errorOf("disconnectnode", ["", 7])).toEqual(notFound);
  });
});

describe("added nodes by other names", () => {
  test("the same address written in short is the same node", async () => {
    await resultOf("addnode", ["127.0.0.1:1", "add", false]);
    expect((await errorOf("addnode", ["127.1:1", "add", false]))?.code).toBe(-23);
    await resultOf("addnode", ["127.1:2", "add", false]);
    await resultOf("addnode", ["127.1:2", "remove"]);
    await resultOf("addnode", ["127.0.0.1:1", "remove"]);
  });
});

describe("addresses", () => {
  test("that tests add are counted, told and shown in their places", async () => {
    expect(await resultOf("addpeeraddress", ["1.2.3.4", 8333])).toEqual({ success: true });
    expect(await resultOf("addpeeraddress", ["1.2.3.4", 8333])).toEqual({
      error: "failed-adding-to-new",
      success: false,
    });
    expect(await resultOf("addpeeraddress", ["2.2.2.2", 8333, true])).toEqual({ success: true });
    const counts = await resultOf("getaddrmaninfo");
    expect(counts.ipv4).toEqual({ new: 1, tried: 1, total: 2 });
    expect(counts.onion).toEqual({ new: 0, tried: 0, total: 0 });
    expect(counts.all_networks).toEqual({ new: 1, tried: 1, total: 2 });
    const told: { address: string; services: number }[] = await resultOf("getnodeaddresses", [0]);
    expect(told.map(({ address }) => address).sort()).toEqual(["1.2.3.4", "2.2.2.2"]);
    expect(told[0]!.services).toBe(9);
    const { tried } = await resultOf("getrawaddrman");
    expect(Object.values(tried)).toMatchObject([
      { address: "2.2.2.2", network: "ipv4", source: "2.2.2.2", services: 9 },
    ]);
    expect(Object.keys(tried)[0]).toMatch(/^\d+\/\d+$/);
  });

  test("that are shut out are told to nobody", async () => {
    await resultOf("setban", ["2.2.2.2", "add"]);
    const told: { address: string }[] = await resultOf("getnodeaddresses", [0]);
    expect(told.map(({ address }) => address)).toEqual(["1.2.3.4"]);
    await resultOf("clearbanned");
    expect(await resultOf("getnodeaddresses", [0, "IPv4"])).toHaveLength(2);
    expect(await resultOf("getnodeaddresses", [0, "onion"])).toEqual([]);
  });

  test.each([
    ["getnodeaddresses", [-1], -8, "Address count out of range"],
    ["getnodeaddresses", [1, "Foo"], -8, "Network not recognized: Foo"],
    ["addpeeraddress", ["", 8333], -30, "Invalid IP address"],
    ["addpeeraddress", ["1.2.3.4", 65536], -1, "JSON integer out of range"],
  ])("%s %j", async (method, params, code, message) => {
    expect(await errorOf(method, params)).toEqual({ code, message });
  });
});

describe("the rest", () => {
  test("sendmsgtopeer and getblockfrompeer say what is wrong", async () => {
    expect(await errorOf("sendmsgtopeer", [0, "x".repeat(13), "00"])).toMatchObject({ code: -8 });
    expect(await errorOf("sendmsgtopeer", [0, "ping", "0"])).toEqual({
      code: -8,
      message: "Error parsing input for msg",
    });
    expect(await errorOf("sendmsgtopeer", [0, "ping", "00"])).toEqual({
      code: -1,
      message: "Error: Could not send message to peer",
    });
    expect(await errorOf("getblockfrompeer", ["11".repeat(32), 0])).toEqual({
      code: -1,
      message: "Block header missing",
    });
  });

  test("setnetworkactive switches, and addconnection asks for a known type", async () => {
    expect(await resultOf("setnetworkactive", [false])).toBe(false);
    expect((await resultOf("getnetworkinfo")).networkactive).toBe(false);
    expect(await resultOf("setnetworkactive", [true])).toBe(true);
    expect((await errorOf("addconnection", ["127.0.0.1:1", "strange", false]))?.code).toBe(-8);
    expect(await resultOf("getorphantxs")).toEqual([]);
    expect(await errorOf("getorphantxs", [3])).toEqual({ code: -8, message: "Invalid verbosity value 3" });
    expect(await errorOf("getorphantxs", [true])).toEqual({
      code: -3,
      message: "Verbosity was boolean but only integer allowed",
    });
  });
});

test("getnettotals tells the machine's time, also where another is mocked", async () => {
  node.clock.setMockTime(1_500_000_000);
  try {
    const beforeMs = Date.now();
    const { timemillis } = await resultOf("getnettotals");
    expect(timemillis).toBeGreaterThanOrEqual(beforeMs);
    expect(timemillis).toBeLessThanOrEqual(Date.now());
  } finally {
    node.clock.setMockTime(0);
  }
});
