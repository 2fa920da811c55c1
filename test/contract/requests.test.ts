import { expect, test } from "vitest";
import { runRequests } from "./run-requests.ts";

/** A longer run: npm run test:requests. */
const RUNS = 3000;

test("whatever is sent to whatever operation, the node answers in its envelope with a status that is described, and lives", {
  timeout: 300_000,
}, async () => {
  const shared = globalThis as typeof globalThis & { answerComplaints?: string[] };
  const counts = await runRequests({ runs: RUNS, takeComplaints: () => shared.answerComplaints!.splice(0) });
  // Requests that never get anywhere would show nothing. Those of wallets mostly do not: made-up addresses are none.
  expect(counts.get(200) ?? 0).toBeGreaterThan(RUNS / 7);
  expect(counts.get(400) ?? 0).toBeGreaterThan(RUNS / 10);
  expect(counts.get(404) ?? 0).toBeGreaterThan(RUNS / 100);
  expect([...counts.keys()].filter((status) => status >= 500 && status !== 503)).toEqual([]);
});
