import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { ADDRESS, TestNode, temporaryFolder } from "./test-node.ts";

/**
 * A node with wallets is killed again and again while it answers calls of all kinds: what it had answered holds at the next start.
 * Set SEED and ROUNDS for other lives.
 */
const seed = Number(process.env.SEED ?? 1);
const roundCount = Number(process.env.ROUNDS ?? 3);
const ARGUMENTS = ["-keypool=20", "-fallbackfee=0.0001"];
const CALLS_MAX = 40;
const DELAY_MS_MAX = 15;
/** Callers at the same time, so that a kill interrupts several calls. */
const CALLERS = 3;
/** Of two imports at a time one is refused. */
const BUSY = "Wallet is currently rescanning";
const PASSPHRASE = "correct horse";

const { addressPrefixes } = regtestNetwork();

/** Looks, after a restart, whether something that was acknowledged holds. */
type Check = (node: TestNode) => Promise<void>;

/** Calls with what their answers promise. */
/** A kill takes the newest blocks, and with them what they had made mature: a payment may be refused then, as long as it is. */
function hasNothingToSpend(error: Error): undefined {
  expect(error.message).toBe("Insufficient funds");
  return undefined;
}

class Calls {
  readonly checks: Check[] = [];
  readonly #random: SeededRandom;
  #count = 0;
  #hasEncrypted = false;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  newRound(): void {
    this.#hasEncrypted = false;
  }

  /** Makes one call. Rejects where the node is gone. */
  async call(node: TestNode): Promise<void> {
    const kinds = [this.#address, this.#address, this.#import, this.#send, this.#label];
    const mayEncrypt = !this.#hasEncrypted && this.#random.oneIn(15);
    this.#hasEncrypted ||= mayEncrypt;
    const kind = mayEncrypt ? this.#encrypt : this.#random.pick(kinds);
    const number = this.#count++;
    await kind.call(this, node, number);
  }

  async #address(node: TestNode, number: number): Promise<void> {
    const label = `label ${number}`;
    const type = this.#random.pick(["legacy", "p2sh-segwit", "bech32", "bech32m"]);
    const address = await node.callWallet<string>("w", "getnewaddress", label, type);
    this.#expectAddress(address, label);
  }

  async #label(node: TestNode, number: number): Promise<void> {
    const address = await node.callWallet<string>("w", "getnewaddress", "");
    const label = `changed ${number}`;
    await node.callWallet("w", "setlabel", address, label);
    this.#expectAddress(address, label);
  }

  async #import(node: TestNode, number: number): Promise<void> {
    const privateKey = Uint8Array.from({ length: 32 }, () => 1 + this.#random.below(255));
    const desc = withChecksum(`wpkh(${encodeWif({ privateKey, compressed: true }, addressPrefixes)})`);
    const label = `imported ${number}`;
    const answer = await node.callWallet("w", "importdescriptors", [{ desc, label, timestamp: "now" }]);
    expect(answer).toEqual([{ success: true }]);
    const { descriptor } = await node.call<{ descriptor: string }>("getdescriptorinfo", desc);
    const [address] = await node.call<string[]>("deriveaddresses", descriptor);
    this.#expectAddress(address!, label);
  }

  async #send(node: TestNode): Promise<void> {
    const txid = await node.callWallet<string>("w", "sendtoaddress", ADDRESS, 0.01).catch(hasNothingToSpend);
    if (txid === undefined) return;
    this.checks.push(async (restarted) => {
      expect(await restarted.callWallet("w", "gettransaction", txid)).toMatchObject({ txid, amount: -0.01 });
    });
  }

  async #encrypt(node: TestNode, number: number): Promise<void> {
    const name = `encrypted ${number}`;
    await node.call("createwallet", name);
    const address = await node.callWallet<string>(name, "getnewaddress", "before");
    await node.callWallet(name, "encryptwallet", PASSPHRASE);
    this.checks.push(async (restarted) => {
      await restarted.call("loadwallet", name);
      expect(await restarted.callWallet(name, "getwalletinfo")).toMatchObject({ unlocked_until: 0 });
      await restarted.callWallet(name, "walletpassphrase", PASSPHRASE, 60);
      expect(await restarted.callWallet(name, "getaddressinfo", address)).toMatchObject({ ismine: true });
      await restarted.call("unloadwallet", name);
    });
  }

  #expectAddress(address: string, label: string): void {
    this.checks.push(async (restarted) => {
      const info = await restarted.callWallet("w", "getaddressinfo", address);
      expect(info).toMatchObject({ ismine: true, solvable: true, labels: [label] });
    });
  }
}

async function callUntilKilled(node: TestNode, calls: Calls, random: SeededRandom): Promise<void> {
  let left = 1 + random.below(CALLS_MAX);
  let isKilled = false;
  const caller = async () => {
    while (!isKilled) {
      await calls.call(node).catch((error: Error) => {
        // What the node says is an error of ours; that it does not answer is what is to be.
        if (!isKilled && !error.message.includes(BUSY)) throw error;
      });
      if (--left > 0 || isKilled) continue;
      await new Promise((resume) => setTimeout(resume, random.below(DELAY_MS_MAX)));
      isKilled = true;
      node.child.kill("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await node.exited;
}

test("what a node answered about its wallets outlives kills", { timeout: 1_200_000 }, async () => {
  const random = new SeededRandom(seed);
  const dataDir = temporaryFolder();
  const calls = new Calls(random);
  let node = await TestNode.start(dataDir, ARGUMENTS);
  await node.call("createwallet", "w", false, false, "", false, true, true);
  await node.call("generatetoaddress", 140, await node.callWallet("w", "getnewaddress"));
  await node.stop();
  for (let round = 0; round < roundCount; round++) {
    node = await TestNode.start(dataDir, ARGUMENTS);
    await node.call("generatetoaddress", 1, await node.callWallet("w", "getnewaddress"));
    calls.newRound();
    await callUntilKilled(node, calls, random);
    node = await TestNode.start(dataDir, ARGUMENTS);
    for (const check of calls.checks) {
      await check(node).catch((error: Error) => {
        throw new Error(`seed ${seed}, round ${round}: ${error.message}`, { cause: error });
      });
    }
    expect((await node.stop()).code).toBe(0);
  }
  expect(calls.checks.length).toBeGreaterThan(roundCount);
});
