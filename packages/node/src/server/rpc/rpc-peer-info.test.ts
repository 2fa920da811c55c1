import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestNode, type TestNode } from "../test-kit.ts";

const folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
let node: TestNode;
let servers: readonly Server[];
let addresses: readonly string[];
let address: string;

/** Takes connections and says nothing. */
async function silentServer(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => {}));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

beforeAll(async () => {
  node = await openTestNode(folder);
  servers = await Promise.all([silentServer(), silentServer(), silentServer()]);
  addresses = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
  address = addresses[0]!;
});
afterAll(async () => {
  await node.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

const resultOf = async (method: string, params?: unknown) => {
  const { result, error } = await node.call(method, params);
  expect(error).toBeNull();
  return result;
};

test("getpeerinfo of a peer that has not spoken yet has every field, in Core's order", async () => {
  expect(await resultOf("addconnection", [address, "outbound-full-relay", false])).toEqual({
    address,
    connection_type: "outbound-full-relay",
  });
  const [peer, ...others] = await resultOf("getpeerinfo");
  expect(others).toEqual([]);
  const { addrbind, bytessent, bytessent_per_msg: sent, conntime, lastsend, ...rest } = peer;
  expect(addrbind).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(sent).toEqual({ version: bytessent });
  expect(lastsend).toBeGreaterThanOrEqual(conntime);
  expect(rest).toEqual({
    id: 0,
    addr: address,
    network: "not_publicly_routable",
    services: "0000000000000000",
    servicesnames: [],
    relaytxes: false,
    last_inv_sequence: 0,
    inv_to_send: 0,
    lastrecv: 0,
    last_transaction: 0,
    last_block: 0,
    bytesrecv: 0,
    timeoffset: 0,
    version: 0,
    subver: "",
    inbound: false,
    bip152_hb_to: false,
    bip152_hb_from: false,
    presynced_headers: -1,
    synced_headers: -1,
    synced_blocks: -1,
    inflight: [],
    addr_relay_enabled: false,
    addr_processed: 0,
    addr_rate_limited: 0,
    permissions: [],
    minfeefilter: 0,
    bytesrecv_per_msg: {},
    connection_type: "outbound-full-relay",
    transport_protocol_type: "v1",
    session_id: "",
  });
  const order =
    "id addr addrbind network services servicesnames relaytxes last_inv_sequence inv_to_send lastsend lastrecv last_transaction " +
    "last_block bytessent bytesrecv conntime timeoffset version subver inbound bip152_hb_to bip152_hb_from presynced_headers " +
    "synced_headers synced_blocks inflight addr_relay_enabled addr_processed addr_rate_limited permissions minfeefilter " +
    "bytessent_per_msg bytesrecv_per_msg connection_type transport_protocol_type session_id";
  expect(Object.keys(peer).join(" ")).toBe(order);
});

test("counts, an added node that is connected, and the end of the connection", async () => {
  expect(await resultOf("getconnectioncount")).toBe(1);
  expect(await resultOf("getnetworkinfo")).toMatchObject({ connections: 1, connections_in: 0, connections_out: 1 });
  expect((await resultOf("getnettotals")).totalbytessent).toBeGreaterThan(0);
  await resultOf("addnode", [address, "add", false]);
  expect(await resultOf("getaddednodeinfo", [address])).toEqual([
    { addednode: address, connected: true, addresses: [{ address, connected: "outbound" }] },
  ]);
  await resultOf("addnode", [address, "remove"]);
  await resultOf("disconnectnode", ["", 0]);
  expect(await resultOf("getconnectioncount")).toBe(0);
});

test("setban ends connections to the range", async () => {
  await resultOf("addconnection", [address, "block-relay-only", false]);
  await resultOf("setban", ["127.0.0.0/8", "add"]);
  expect(await resultOf("getpeerinfo")).toEqual([]);
  await resultOf("clearbanned");
});

test("as many connections of a type as there are places for, and no more", async () => {
  const full = { code: -34, message: "Error: Already at capacity for specified connection type." };
  const type = "block-relay-only";
  for (const one of addresses.slice(0, 2)) await resultOf("addconnection", [one, type, false]);
  expect((await node.call("addconnection", [addresses[2], type, false])).error).toEqual(full);
  expect((await resultOf("getpeerinfo")).map((peer: { connection_type: string }) => peer.connection_type)).toEqual([
    type,
    type,
  ]);
  await resultOf("setnetworkactive", [false]);
  expect(await resultOf("getconnectioncount")).toBe(0);
});
