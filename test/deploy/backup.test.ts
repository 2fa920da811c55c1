import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { ContainerNode, type Variables } from "../functional/container-node.ts";
import { ADDRESS, BITFLEET, eventually, run, temporaryFolder } from "../functional/test-node.ts";
import { containerIn, runJob } from "./kubernetes/shipped-jobs.ts";

/** The very commands of the jobs that back up and restore, with real nodes and, in the place of volumes, folders. */

const FIRST_BLOCKS = 101;
const WALLET = "components/backup/backup-wallet.yaml";
const CHAIN = "components/backup/backup-chain.yaml";
const RESTORE_WALLET = "components/backup/restore-wallet.yaml";
const RESTORE_CHAIN = "components/backup/restore-chain.yaml";
/** A key that no phrase makes. */
const FOREIGN_KEY = "wpkh(cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW)";

const folder = temporaryFolder();
const backups = temporaryFolder();
let secrets: Variables;
let peerPort: number;
let apiPort: number;
beforeAll(async () => {
  const { stdout } = await run(BITFLEET, ["secrets", "--format", "env"]);
  const lines = stdout.trimEnd().split("\n");
  secrets = Object.fromEntries(lines.map((line) => /^(\w+)='(.*)'$/.exec(line)!.slice(1)));
  writeFileSync(join(folder, "phrase"), secrets.TREASURY_MNEMONIC!);
  [peerPort, apiPort] = [await freePort(), await freePort()];
});

const startMiner = (place: string, blocks = FIRST_BLOCKS) =>
  ContainerNode.start(join(folder, place), {
    NODE_IS_MINER: "yes",
    POD_NAME: "miner-0",
    POD_NAMESPACE: "blockchain",
    NODE_ADDR: `127.0.0.1:${peerPort}`,
    NODE_MINING_ADDRESS: secrets.MINER_ADDRESS!,
    MINING_INTERVAL_SECONDS: "100000",
    MINING_FIRST_BLOCKS: String(blocks),
  });

/** As the set of the wallet with the component backup. */
const startWallet = () =>
  ContainerNode.start(join(folder, "wallet"), {
    NODE_CONNECT_NODES: `127.0.0.1:${peerPort}`,
    WALLET_FILE: containerIn("base/wallet.yaml").variables.WALLET_FILE!,
    WALLET_MNEMONIC_FILE: join(folder, "phrase"),
    WALLET_API_BIND: `127.0.0.1:${apiPort}`,
    BITCOIN_API_WALLET_KEY: secrets.BITCOIN_API_WALLET_KEY!,
    BITCOIN_API_ADMIN_KEY: secrets.BITCOIN_API_ADMIN_KEY!,
  });

const backUp = (given: Variables = {}) =>
  runJob(
    WALLET,
    { "/app/backups": backups },
    {
      WALLET_NODE_URL: `http://127.0.0.1:${apiPort}`,
      BITCOIN_API_ADMIN_KEY: secrets.BITCOIN_API_ADMIN_KEY!,
      ...given,
    },
  );

const restore = (given: Variables = {}) =>
  runJob(RESTORE_WALLET, { "/app/backups": backups, "/app/wallets": join(folder, "wallet/wallets") }, given);

describe("backup and restore in a cluster", () => {
  test("the treasury's wallet comes back with what the phrase alone would not bring: labels and imported keys", async () => {
    const miner = await startMiner("miner");
    await miner.atHeight(FIRST_BLOCKS);
    let wallet = await startWallet();
    await wallet.atHeight(FIRST_BLOCKS);
    await eventually(async () => (await trustedOf(wallet)) > 0 || undefined);
    const customer = await wallet.call<string>("getnewaddress", "a customer");
    const foreign = await importKey(wallet);
    const paid = await wallet.call<string>("-named", "sendtoaddress", `address=${ADDRESS}`, "amount=1", "fee_rate=2");
    await eventually(async () => (await miner.call<string[]>("getrawmempool")).includes(paid) || undefined);

    const { code, stdout, stderr } = await backUp();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/treasury-.*\.bak: \d+ bytes, sha256 [0-9a-f]{64}; 1 backups are kept\.\n$/);
    const [file = ""] = readdirSync(backups).filter((name) => name.endsWith(".bak"));
    // As anybody can check it by hand.
    expect(execFileSync("sha256sum", ["-c", `${file}.sha256`], { cwd: backups }).toString()).toBe(`${file}: OK\n`);

    expect((await wallet.stop()).code).toBe(0);
    // Both volumes are lost; new ones are empty.
    rmSync(join(folder, "wallet"), { recursive: true });
    mkdirSync(join(folder, "wallet/wallets"), { recursive: true });
    expect(await restore()).toMatchObject({ code: 0, stderr: "" });
    wallet = await startWallet();
    await wallet.atHeight(FIRST_BLOCKS);
    expect(await wallet.call("getaddressinfo", customer)).toMatchObject({ ismine: true, labels: ["a customer"] });
    expect(await wallet.call("getaddressinfo", foreign)).toMatchObject({ ismine: true });
    expect(await wallet.call("gettransaction", paid)).toMatchObject({ amount: -1 });
    // And goes on: what is mined from now on is its own.
    await miner.call("generatetoaddress", "1", secrets.MINER_ADDRESS!);
    await wallet.atHeight(FIRST_BLOCKS + 1);
    expect(await eventually(async () => ((await confirmationsOf(wallet, paid)) === 1 ? true : undefined))).toBe(true);

    // Over a wallet that is there, which is set aside.
    await wallet.stop();
    const again = await restore();
    expect(again.stdout).toMatch(/is in place as .*treasury; what was there is .*treasury\.before-/);
    wallet = await startWallet();
    await wallet.atHeight(FIRST_BLOCKS + 1);
    expect(await wallet.call("getaddressinfo", customer)).toMatchObject({ ismine: true });

    // As many as are to be kept, and no more.
    for (const _ of [1, 2, 3]) expect(await backUp({ BACKUP_KEEP: "2" })).toMatchObject({ code: 0 });
    expect(readdirSync(backups).sort()).toEqual([
      expect.stringMatching(/\.bak$/),
      expect.stringMatching(/\.bak\.sha256$/),
      expect.stringMatching(/\.bak$/),
      expect.stringMatching(/\.bak\.sha256$/),
    ]);
    await wallet.stop();
    await miner.stop();
  });

  test("what cannot be backed up or restored ends the job with a sentence, and changes nothing", async () => {
    const nobody = await backUp();
    expect(nobody).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The wallet was not backed up: .*ECONNREFUSED/),
    });

    const [, latest = ""] = readdirSync(backups).filter((name) => name.endsWith(".bak"));
    const damaged = readFileSync(join(backups, latest));
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    writeFileSync(join(backups, latest), damaged);
    const before = readdirSync(join(folder, "wallet/wallets"));
    const refused = await restore();
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("is damaged") });
    expect(readdirSync(join(folder, "wallet/wallets"))).toEqual(before);
    expect(await restore({ BACKUP_FILE: "other.bak" })).toMatchObject({ code: 1 });
  });

  test("a key that is not the admin's is refused", async () => {
    const wallet = await startWallet();
    await wallet.atHeight(0);
    const { code, stderr } = await backUp({ BITCOIN_API_ADMIN_KEY: secrets.BITCOIN_API_WALLET_KEY! });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The wallet was not backed up: backupwallet was refused: /);
    await wallet.stop();
  });

  test("the chain comes back where all miners have lost it, from a copy that is brought up to date each night", async () => {
    const copy = temporaryFolder();
    let miner = await startMiner("miner");
    await miner.atHeight(FIRST_BLOCKS + 1);
    const night = async () =>
      runJob(
        CHAIN,
        {},
        {
          HOME: copy,
          NODE_DATA_DIR: copy,
          NODE_CONNECT_NODES: `127.0.0.1:${peerPort}`,
          NODE_ADDR: `127.0.0.1:${await freePort()}`,
        },
        [`-rpcport=${await freePort()}`],
      );
    expect(await night()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`up to block ${FIRST_BLOCKS + 1}, `),
    });
    await miner.call("generatetoaddress", "3", secrets.MINER_ADDRESS!);
    const tip = await miner.call<string>("getbestblockhash");
    expect(await night()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`up to block ${FIRST_BLOCKS + 4}, ${tip}`),
    });
    await miner.stop();

    const restored = join(folder, "restored/data");
    mkdirSync(restored, { recursive: true });
    const copyBack = (given: Variables = {}) =>
      runJob(RESTORE_CHAIN, { "/app/backup": copy, "/app/data": restored }, given);
    expect(await copyBack()).toMatchObject({ code: 0, stderr: "" });
    // It never writes over a chain, and moves one aside when told to.
    expect(await copyBack()).toMatchObject({ code: 1, stderr: expect.stringContaining("is there already") });
    expect(await copyBack({ RESTORE_OVER: "yes" })).toMatchObject({ code: 0 });
    expect(readdirSync(restored).filter((name) => name.startsWith("regtest.before-"))).toHaveLength(1);
    miner = await startMiner("restored");
    await miner.atHeight(FIRST_BLOCKS + 4);
    expect(await miner.call("getbestblockhash")).toBe(tip);
    const wallet = await startWallet();
    await wallet.atHeight(FIRST_BLOCKS + 4);
    await eventually(async () => (await trustedOf(wallet)) > 0 || undefined);
    await wallet.stop();
    await miner.stop();
  });

  test("no copy is claimed where nobody is there to copy from", async () => {
    const copy = temporaryFolder();
    const job = await runJob(
      CHAIN,
      {},
      {
        HOME: copy,
        NODE_DATA_DIR: join(copy, "not/a/folder"),
        NODE_NETWORK: "nowhere",
        NODE_ADDR: `127.0.0.1:${await freePort()}`,
      },
    );
    expect(job).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("The chain was not backed up: the node ended with code 1"),
    });
  });
});

const trustedOf = async (node: ContainerNode) =>
  (await node.call<{ mine: { trusted: number } }>("getbalances")).mine.trusted;

const confirmationsOf = async (node: ContainerNode, txid: string) =>
  (await node.call<{ confirmations: number }>("gettransaction", txid)).confirmations;

/** Its address. */
async function importKey(node: ContainerNode): Promise<string> {
  const { checksum } = await node.call<{ checksum: string }>("getdescriptorinfo", FOREIGN_KEY);
  const descriptor = `${FOREIGN_KEY}#${checksum}`;
  const [outcome] = await node.call<{ success: boolean }[]>(
    "importdescriptors",
    JSON.stringify([{ desc: descriptor, timestamp: "now" }]),
  );
  expect(outcome?.success).toBe(true);
  const { descriptor: known } = await node.call<{ descriptor: string }>("getdescriptorinfo", FOREIGN_KEY);
  const [address] = await node.call<string[]>("deriveaddresses", known);
  return address as string;
}
