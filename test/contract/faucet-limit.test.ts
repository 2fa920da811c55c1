import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAUCET_ADDRESS_LIMIT, FAUCET_CALLER_LIMIT } from "../../packages/node/src/server/rest/faucet-limit.ts";
import { asAdmin, openRestTestNode, type RestTestNode } from "../../packages/node/src/server/rest/rest-test-kit.ts";
import { FakeNetwork } from "./fake-network.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ hasIndexes: false, network: new FakeNetwork() });
});
afterAll(() => rest.close());

const asked = (address: string) =>
  rest.app.inject(asAdmin("POST", "/api/admin/network/faucet", { address, sats: 1000 }));

describe("the faucet", () => {
  test("gives an address so many payments, however it is written, and then says when to come again", async () => {
    for (let count = 0; count < FAUCET_ADDRESS_LIMIT.capacity; count++) {
      const { statusCode } = await asked(count % 2 === 0 ? ADDRESS : ADDRESS.toUpperCase());
      expect(statusCode).toBe(200);
    }
    // A slow machine has more come back meanwhile.
    let refused = await asked(ADDRESS);
    for (let more = 0; refused.statusCode === 200 && more < 20; more++) refused = await asked(ADDRESS);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(10);
    expect(refused.json().error).toMatch(/^The faucet gives 10 times an address, .* try again in \d+ s/);
    expect((await asked("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn")).statusCode).toBe(200);
  });

  test("gives a caller so many, whatever the addresses", async () => {
    const left = FAUCET_CALLER_LIMIT.capacity - FAUCET_ADDRESS_LIMIT.capacity - 1;
    const statuses: number[] = [];
    for (let count = 0; count < left + 20; count++) statuses.push((await asked(`address${count}`)).statusCode);
    expect(statuses.slice(0, left).every((status) => status === 200)).toBe(true);
    // One a second comes back meanwhile.
    expect(statuses).toContain(429);
  });
});
