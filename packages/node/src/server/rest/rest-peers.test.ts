import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, mineMany } from "../../chain/test-kit.ts";
import { freePort } from "../../network/free-port.ts";
import { asAdmin, openRestTestNode, posted, type RestTestNode } from "./rest-test-kit.ts";

const PEERS = "/api/admin/peers";
const BANS = "/api/admin/bans";

let rest: RestTestNode;
let other: RestTestNode;
let port: number;
beforeAll(async () => {
  port = await freePort();
  rest = await openRestTestNode({ tips: mineMany(GENESIS, 2), hasIndexes: false });
  other = await openRestTestNode({ hasIndexes: false, p2pPort: port });
}, 60_000);
afterAll(async () => {
  await rest.close();
  await other.close();
});

const peers = (on = rest) => on.data("peers", "/api/v1/peers");
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resume) => setTimeout(resume, 20));
}

describe("connections", () => {
  test("none at first", async () => {
    expect(await peers()).toEqual([]);
  });

  test("made, seen from both sides, addresses for admins alone, and cut", async () => {
    expect(await rest.data("connectPeer", asAdmin("POST", PEERS, { node: `127.0.0.1:${port}`, keep: true }))).toEqual({
      done: true,
    });
    await until(async () => (await peers()).some(({ protocol_version: version }) => version > 0));
    const [peer] = await peers();
    expect(peer).toMatchObject({
      address: null,
      direction: "outbound",
      connection_type: "manual",
      network: "not_publicly_routable",
      user_agent: "/Bitfleet:test/",
    });
    expect(peer!.bytes_received).toBeGreaterThan(100);
    expect((await peers(other))[0]).toMatchObject({ direction: "inbound", address: null });
    expect(await rest.data("peers", asAdmin("GET", PEERS))).toMatchObject([{ address: `127.0.0.1:${port}` }]);
    expect((await rest.refusal({ method: "GET", url: PEERS }))[0]).toBe(401);

    expect(await rest.refusal(asAdmin("POST", PEERS, { node: `127.0.0.1:${port}`, keep: true }))).toEqual([
      409,
      "Node already added.",
    ]);
    const forgotten = asAdmin("DELETE", `${PEERS}?node=127.0.0.1:${port}`);
    expect(await rest.data("forgetPeer", forgotten)).toEqual({ done: true });
    expect((await rest.refusal(forgotten))[0]).toBe(404);
    expect(await rest.data("disconnectPeer", asAdmin("DELETE", `${PEERS}/${peer!.id}`))).toEqual({ done: true });
    await until(async () => (await peers()).length === 0);
    expect(await rest.refusal(asAdmin("DELETE", `${PEERS}/${peer!.id}`))).toEqual([
      404,
      "Node not found in connected nodes.",
    ]);
  });

  test("once, to where nobody listens: answered at once, and nothing comes of it", async () => {
    const closed = await freePort();
    await rest.data("connectPeer", asAdmin("POST", PEERS, { node: `127.0.0.1:${closed}` }));
    expect(await peers()).toEqual([]);
  });

  test.each([
    {},
    { node: "" },
    { node: "a b" },
    { node: "x".repeat(262) },
    { node: 5 },
    { node: "a", keep: "yes" },
    { node: "a", more: 1 },
  ])("%j is no request", async (body) => {
    expect((await rest.refusal(asAdmin("POST", PEERS, body)))[0]).toBe(400);
  });

  test.each(["x", "-1", "1.5", "99999999999999999999"])("there is no connection '%s'", async (id) => {
    expect((await rest.refusal(asAdmin("DELETE", `${PEERS}/${id}`)))[0]).toBe(400);
  });
});

describe("bans", () => {
  test("made, listed, ended", async () => {
    await rest.data("ban", asAdmin("POST", BANS, { subnet: "192.0.2.0/24", seconds: 60 }));
    const [ban] = await rest.data("bans", asAdmin("GET", BANS));
    expect(ban).toMatchObject({ subnet: "192.0.2.0/24" });
    expect(ban!.until - ban!.created).toBe(60);
    expect(await rest.refusal(asAdmin("POST", BANS, { subnet: "192.0.2.7" }))).toEqual([
      409,
      "IP/Subnet already banned.",
    ]);
    await rest.data("unban", asAdmin("DELETE", `${BANS}?subnet=192.0.2.0/24`));
    expect(await rest.data("bans", asAdmin("GET", BANS))).toEqual([]);
    expect((await rest.refusal(asAdmin("DELETE", `${BANS}?subnet=192.0.2.0/24`)))[0]).toBe(400);
  });

  test.each([
    { subnet: "192.0.2.0/33" },
    { subnet: "nobody" },
    { subnet: "1.2.3.4", seconds: 0 },
    { subnet: "1.2.3.4", seconds: 1.5 },
  ])("%j is no ban", async (body) => {
    expect((await rest.refusal(asAdmin("POST", BANS, body)))[0]).toBe(400);
  });

  test("are for who has the key", async () => {
    for (const request of [{ method: "GET", url: BANS } as const, posted(BANS, { subnet: "1.2.3.4" })])
      expect((await rest.refusal(request))[0]).toBe(401);
    expect(await rest.data("bans", asAdmin("GET", BANS))).toEqual([]);
  });
});
