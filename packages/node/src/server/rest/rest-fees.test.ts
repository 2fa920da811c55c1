import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FeeEstimate } from "@bitfleet/api/rest/fees.ts";
import { restRoutes } from "@bitfleet/api/rest-routes.ts";
import { envelopeOf } from "@bitfleet/api/schema.ts";
import type { FastifyInstance } from "fastify";
import { Check } from "typebox/value";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import type { FeerateAdviser } from "../../mempool/fee-advice.ts";
import type { FeeMode } from "../../mempool/fee-estimator.ts";
import { EventStream } from "../events/event-stream.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { createWebApp } from "../web/web-app.ts";
import { WebState, webNodeOf } from "../web/web-state.ts";

let folder: string;
let node: TestNode;
let app: FastifyInstance;
let asked: [number, FeeMode][];
const state = new WebState();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rest-fees-"));
  node = await openTestNode(folder);
  const { clock } = node;
  app = await createWebApp(
    { version: "1" },
    { clock, log: new MemoryLog(), state, events: new EventStream({}, { clock }) },
  );
});
beforeEach(() => {
  asked = [];
  advise({});
});
afterAll(async () => {
  await app.close();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

/** Has the application answer from the node's own estimator, or from what is given instead. */
function advise(fields: Partial<FeerateAdviser>): void {
  state.ready(webNodeOf({ ...node, fees: { ...node.fees, ...fields } }));
}

async function estimates(query = ""): Promise<FeeEstimate[]> {
  const response = await app.inject({ method: "GET", url: `/api/v1/fees/estimates${query}` });
  expect(response.statusCode).toBe(200);
  const body = response.json();
  expect(Check(envelopeOf(restRoutes.feeEstimates.data), body)).toBe(true);
  return body.data;
}

test("where nothing was seen and no fallback is set there is no feerate, and the answer says so", async () => {
  const data = await estimates();
  expect(data.map(({ target }) => target)).toEqual([2, 3, 6, 12, 24, 72, 144, 504, 1008]);
  for (const estimate of data)
    expect(estimate).toMatchObject({ feerate_sat_per_kvb: null, source: "none", blocks: 0, reason: "None" });
});

test("a fallback is marked as one", async () => {
  advise({ fallbackFeerateSatPerKvb: 1000n });
  for (const estimate of await estimates())
    expect(estimate).toMatchObject({ feerate_sat_per_kvb: 1000, source: "fallback", reason: "Fallback fee" });
});

test("estimates are those of each target, in the mode that is asked for", async () => {
  const estimateSmart = (target: number, mode: FeeMode) => {
    asked.push([target, mode]);
    return { feerateSatPerKvb: BigInt(5000 - target), blocks: target, reason: "Target 85% Threshold" as const };
  };
  advise({ estimator: { estimateSmart, targetMax: () => 1008 }, fallbackFeerateSatPerKvb: 1000n });
  expect((await estimates())[2]).toEqual({
    target: 6,
    feerate_sat_per_kvb: 4994,
    source: "estimate",
    blocks: 6,
    reason: "Target 85% Threshold",
  });
  await estimates("?mode=conservative");
  expect(asked.slice(8, 10)).toEqual([
    [1008, "economical"],
    [2, "conservative"],
  ]);
});

test("another mode is refused", async () => {
  const response = await app.inject({ method: "GET", url: "/api/v1/fees/estimates?mode=cheap" });
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ success: false, data: null });
});
