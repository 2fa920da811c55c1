import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startNetwork } from "../../packages/node/src/network/start-network.ts";
import { temporaryFolder } from "./test-node.ts";

/** The key of this test's signet, and of nothing else. */
const WIF = "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA";
const OTHER_WIF = "cMpMxK92W1DjqDvWV3pMn4xLwAuQJhNF3MFqkEHUQRPQofUJku8R";

interface ChainInfo {
  readonly chain: string;
  readonly blocks: number;
  readonly signet_challenge: string;
}

test("startNetwork makes a signet with a given key, which goes on by itself or with the key from a file", async () => {
  const dataDir = join(temporaryFolder(), "network");
  const descriptor = `multi(1,${WIF})`;
  const first = await startNetwork({ miners: 2, dataDir, signet: { key: descriptor, blockTime: 30 } });
  expect(first.chain).toBe("signet");
  const [hash] = await first.mine(1, "miner-1");
  const info = await first.node("miner-0").rpc<ChainInfo>("getblockchaininfo");
  expect(info).toMatchObject({ chain: "signet", blocks: 1, bestblockhash: hash });
  expect(info.signet_challenge).toMatch(/^5121(02|03)[0-9a-f]{64}51ae$/);
  await first.stop();

  const other = startNetwork({ dataDir, signet: { key: `multi(1,${OTHER_WIF})` } });
  await expect(other).rejects.toThrow("The signet's key cannot be used: it is not the key of the network's challenge.");

  const file = join(temporaryFolder(), "key.txt");
  writeFileSync(file, `${WIF}\n`);
  const second = await startNetwork({ miners: 2, dataDir, signet: { key: file }, mode: "processes" });
  await second.mine(1);
  const again = await second.node("miner-1").rpc<ChainInfo>("getblockchaininfo");
  expect(again).toMatchObject({ chain: "signet", blocks: 2, signet_challenge: info.signet_challenge });
  await second.stop();

  const third = await startNetwork({ dataDir });
  expect([third.chain, await third.node("miner-0").rpc("getblockcount")]).toEqual(["signet", 2]);
  await third.stop();
}, 400_000);

test("startNetwork makes no signet of a regtest network", async () => {
  const dataDir = join(temporaryFolder(), "network");
  const regtest = await startNetwork({ dataDir });
  expect(regtest.chain).toBe("regtest");
  await regtest.stop();
  await expect(startNetwork({ dataDir, signet: true })).rejects.toThrow(
    `${dataDir} holds a regtest network, which cannot become a signet; choose another folder.`,
  );
});
