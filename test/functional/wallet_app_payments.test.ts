import { afterAll, beforeAll, expect, test } from "vitest";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { startNetwork } from "../../packages/node/src/network/start-network.ts";
import { standing, type TestSession, walletSession } from "./wallet-app-kit.ts";

let network: BitfleetNetwork;
let url: string;
const sessions: TestSession[] = [];

beforeAll(async () => {
  network = await startNetwork();
  url = network.nodes[0]!.webUrl!;
  await network.mine(101);
}, 120_000);

afterAll(async () => {
  for (const { session } of sessions) session.lock();
  await network?.stop();
});

async function wallet(options: Partial<Parameters<typeof walletSession>[0]> = {}): Promise<TestSession> {
  const made = await walletSession({ url, ...options });
  sessions.push(made);
  return made;
}

test("receives, pays another wallet, and sees both confirmed", async () => {
  const alice = await wallet();
  const { address } = alice.account().freshAddress("bech32m");
  const { txid } = await network.faucet(address, 100_000_000n);
  const seen = await standing(alice, txid, "pending");
  expect(seen).toMatchObject({ delta: 100_000_000n, direction: "in", addresses: [address], confirmations: 0 });
  expect(alice.account().balance).toMatchObject({ pending: 100_000_000n, spendable: 0n, total: 100_000_000n });
  await network.mine(1);
  await standing(alice, txid, "confirmed", 1);
  expect(alice.account().freshAddress("bech32m").address).not.toBe(address);

  const bob = await wallet();
  const to = bob.account().freshAddress("bech32").address;
  const prepared = await alice.account().preparePayment({
    recipients: [{ address: to, amount: 30_000_000n, label: "rent" }],
    feerateSatPerKvb: 2_000n,
  });
  if ("error" in prepared) throw new Error(prepared.error);
  expect(prepared.outputs.filter(({ isChange }) => isChange)).toHaveLength(1);
  expect(prepared.total).toBe(30_000_000n + prepared.fee);
  const payment = await alice.account().confirm(prepared);
  await standing(alice, payment, "pending");
  await standing(bob, payment, "pending");
  expect(alice.account().balance.spendable).toBe(70_000_000n - prepared.fee);
  await network.mine(1);
  await standing(bob, payment, "confirmed", 1);
  await standing(alice, payment, "confirmed", 1);
  expect(bob.account().balance.spendable).toBe(30_000_000n);
  expect(alice.account().history()[0]).toMatchObject({ direction: "out", label: "rent", fee: prepared.fee });
});
