import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startNetwork } from "../../packages/node/src/network/start-network.ts";
import { temporaryFolder } from "./test-node.ts";

const NOBODY = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const ADMIN_KEY = "an-admin-key-of-this-test-alone-0123456789";

/** Whether the package is there. */
const library = vi.hoisted(() => ({ isThere: false }));
vi.mock("libsql", async (original) => {
  if (!library.isThere) throw new Error("no binary for this machine");
  return original();
});

test("where the library of wallets cannot be loaded a network mines to a key, which its wallet takes in once it can", async () => {
  const at = { dataDir: temporaryFolder(), miners: 2, webservers: 1, adminKey: ADMIN_KEY };
  const file = join(at.dataDir, "mining-key.json");
  {
    await using network = await startNetwork(at);
    await network.mine(101);
    const { address } = JSON.parse(readFileSync(file, "utf8")) as { address: string };
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { unspents } = await network
      .node("miner-1")
      .rpc<{ unspents: object[] }>("scantxoutset", "start", [`addr(${address})`]);
    expect(unspents).toHaveLength(101);
    await expect(network.faucet(NOBODY, 5_000)).rejects.toThrow(
      /^The faucet pays from a wallet, and this network has none: the package libsql cannot be loaded here \(.+\)\. Install it with "npm install libsql", and start the network again\.$/s,
    );
    const url = network.node("webserver-0").webUrl!;
    const mining = (await (await fetch(`${url}/api/v1/mining`)).json()) as { data: object };
    expect(mining.data).toMatchObject({ has_faucet: false });
    const info = await fetch(`${url}/api/wallet/info`, { headers: { "x-api-key": ADMIN_KEY } });
    expect(info.status).toBe(503);
    await expect(network.node("miner-0").rpc("createwallet", "w")).rejects.toThrow("needs the package libsql");
  }
  library.isThere = true;
  vi.resetModules();
  const { startNetwork: startAgain } = await import("../../packages/node/src/network/start-network.ts");
  await using network = await startAgain(at);
  const before = await network.node("miner-0").rpc<{ mine: { trusted: number } }>("getbalances");
  expect(before.mine.trusted).toBe(50);
  const { blocks } = await network.faucet(NOBODY, 5_000, { mine: 1 });
  const block = await network.node("miner-1").rpc<{ tx: unknown[] }>("getblock", blocks[0]);
  expect(block.tx).toHaveLength(2);
});
