import { afterEach, expect, test } from "vitest";
import { arpaName, type ContainerLookup, findContainer, machineLookup } from "./find-container.ts";
import { type NameServer, startNameServer } from "./name-server.test-kit.ts";

const NEVER = new AbortController().signal;
const OWN = "2.0.18.172.in-addr.arpa";

let server: NameServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function lookupAt(answer: (name: string) => string | undefined, more: Partial<ContainerLookup> = {}) {
  server = await startNameServer(answer);
  return { ...machineLookup([server.address]), addresses: () => ["10.0.0.7", "172.18.0.2"], ...more };
}

test("the network is asked for the name of each own address", async () => {
  const lookup = await lookupAt((name) => (name === OWN ? "shop-miner-2.shop_default" : undefined));
  expect(await findContainer("miner", lookup, NEVER)).toEqual({ project: "shop", separator: "-", number: 2 });
  expect(server!.asked).toEqual(["7.0.0.10.in-addr.arpa", OWN]);
});

test("a network that learns of the container late is asked again", async () => {
  let count = 0;
  const lookup = await lookupAt((name) => (name === OWN && ++count === 3 ? "shop_miner_1" : undefined));
  expect(await findContainer("miner", lookup, NEVER)).toEqual({ project: "shop", separator: "_", number: 1 });
  expect(count).toBe(3);
});

test("names of other services, and none at all, are given up", async () => {
  const other = await lookupAt(() => "shop-webserver-1.shop_default", { timeoutMs: 0 });
  expect(await findContainer("miner", other, NEVER)).toBeUndefined();
  await server!.close();
  const none = await lookupAt(() => undefined, { timeoutMs: 0 });
  expect(await findContainer("miner", none, NEVER)).toBeUndefined();
  expect(server!.asked).toHaveLength(2);
});

test("who is asked to stop does not wait for it", async () => {
  const stop = new AbortController();
  const silent = { addresses: () => ["10.0.0.7"], resolvePtr: () => new Promise<never>(() => {}), timeoutMs: 60_000 };
  const found = findContainer("miner", silent, stop.signal);
  stop.abort();
  await expect(found).rejects.toThrow("aborted");
  await expect(findContainer("miner", silent, stop.signal)).rejects.toThrow("aborted");
});

test("domains of addresses", () => {
  expect(arpaName("172.18.0.2")).toBe(OWN);
  const zeros = (count: number) => "0.".repeat(count);
  expect(arpaName("fd00::7")).toBe(`7.${zeros(27)}0.0.d.f.ip6.arpa`);
  expect(arpaName("::1")).toBe(`1.${zeros(31)}ip6.arpa`);
  expect(arpaName("1:2:3:4:5:6:7:89ab")).toBe(
    "b.a.9.8.7.0.0.0.6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.ip6.arpa",
  );
});

test("the machine's own addresses are asked for, not those that only it has", () => {
  const addresses = machineLookup().addresses();
  expect(addresses.filter((one) => one.startsWith("127.") || one === "::1" || one.startsWith("fe80"))).toEqual([]);
});
