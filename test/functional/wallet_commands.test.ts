import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { lonelyNode } from "../../packages/node/src/cli/lonely-node.ts";
import { runCreateWallet, runListAddresses } from "../../packages/node/src/cli/wallet-commands.ts";
import { nodesOf, readNote } from "../../packages/node/src/network/running-network.ts";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { TestNode, temporaryFolder } from "./test-node.ts";

/** The commands `createwallet` and `listaddresses` on a network that runs. */

const folder = mkdtempSync(join(tmpdir(), "bitfleet-wallet-commands-"));
let network: BitfleetNetwork;
beforeAll(async () => {
  network = await startNetwork({ dataDir: folder });
});
afterAll(async () => {
  await network?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const node = () => nodesOf(readNote(folder)!)[0]!;

async function printedBy(work: () => Promise<void>): Promise<string> {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await work();
    return written.mock.calls.map(([text]) => text).join("");
  } finally {
    written.mockRestore();
  }
}

test("createwallet prints a new address each time, and listaddresses all of them", async () => {
  const made: string[] = [];
  for (const label of ["first", "second"]) {
    const text = await printedBy(() => runCreateWallet(node(), "shop", label));
    made.push(/^Your new address: (bcrt1q[0-9a-z]+)\n$/.exec(text)![1]!);
  }
  const other = await printedBy(() => runCreateWallet(node(), "other"));
  expect(await network.node("miner-0").rpc("listwallets")).toEqual(["miner", "shop", "other"]);
  expect((await printedBy(() => runListAddresses(node(), "shop"))).trim().split("\n").sort()).toEqual(made.sort());
  const all = await printedBy(() => runListAddresses(node(), undefined));
  // The network's own wallet has given out one to mine to.
  expect(all.trim().split("\n")).toHaveLength(4);
  expect(all).toContain(other.replace("Your new address: ", "").trim());
  await expect(runListAddresses(node(), "none")).rejects.toThrow("Requested wallet does not exist or is not loaded");
});

test("a node that runs by itself is found by its data directory, and what is missing is said", async () => {
  const alone = await TestNode.start();
  const { dataDir, rpcPort } = alone;
  const text = await printedBy(() => runCreateWallet(lonelyNode(dataDir, rpcPort), "shop"));
  expect(text).toMatch(/^Your new address: bcrt1q[0-9a-z]+\n$/);
  expect(await printedBy(() => runListAddresses(lonelyNode(dataDir, rpcPort), undefined))).toContain(text.slice(18));

  // The port may stand in its configuration file, and then be another's by mistake.
  writeFileSync(join(dataDir, "bitcoin.conf"), `regtest=1\n[regtest]\nrpcport=${rpcPort}\n`);
  expect(lonelyNode(dataDir, undefined).target.port).toBe(rpcPort);
  await alone.stop();
  await expect(runCreateWallet(lonelyNode(dataDir, undefined), "shop")).rejects.toThrow(
    `The node in ${dataDir} (port ${rpcPort}; another with --rpc-port): Could not connect to the server`,
  );

  const empty = temporaryFolder();
  expect(() => lonelyNode(empty, undefined)).toThrow(
    `No network is running in ${empty}, and no node either: there is no cookie of one.`,
  );
  for (const place of ["", "regtest"]) {
    mkdirSync(join(empty, place), { recursive: true });
    writeFileSync(join(empty, place, ".cookie"), "a:b");
  }
  expect(() => lonelyNode(empty, undefined)).toThrow("Nodes of several chains have left cookies");
});
