import { expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { ADDRESS, TestNode, temporaryFolder } from "./test-node.ts";
import { compareBalances } from "./wallet-truth.ts";

/**
 * Two wallets of one node live at random: they mine, pay each other, themselves and strangers, bump fees, give up, see blocks go and come
 * again, and are closed, killed and opened. After every step each of them holds what the coins of the chain and the mempool say.
 * Set SEED and STEPS to see other lives.
 */
const seed = Number(process.env.SEED ?? 1);
const stepCount = Number(process.env.STEPS ?? 60);

const WALLETS = ["a", "b"] as const;
/** Few addresses ahead, so that their ends come up. */
const ARGUMENTS = ["-keypool=5", "-fallbackfee=0.0001"];

class Life {
  readonly #random: SeededRandom;
  readonly dataDir = temporaryFolder();
  node!: TestNode;
  readonly log: string[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  async begin(): Promise<void> {
    this.node = await TestNode.start(this.dataDir, ARGUMENTS);
    for (const wallet of WALLETS) await this.node.call("createwallet", wallet, false, false, "", false, true, true);
    for (const wallet of WALLETS) await this.node.call("generatetoaddress", 2, await this.#address(wallet));
    await this.node.call("generatetoaddress", 101, ADDRESS);
  }

  async step(): Promise<void> {
    const steps = [
      ...[this.#mine, this.#mine, this.#pay, this.#pay, this.#pay, this.#payMany, this.#bump, this.#bump],
      ...[this.#reorganise, this.#reorganise, this.#abandon, this.#restart],
    ];
    const chosen = this.#random.pick(steps);
    this.log.push(await chosen.call(this));
  }

  async compare(): Promise<void> {
    for (const wallet of WALLETS) await compareBalances(this.node, wallet);
  }

  #address(wallet: string): Promise<string> {
    const type = this.#random.pick(["legacy", "p2sh-segwit", "bech32", "bech32m"]);
    return this.node.callWallet(wallet, "getnewaddress", "", type);
  }

  async #anyAddress(): Promise<string> {
    return this.#random.oneIn(4) ? ADDRESS : this.#address(this.#random.pick(WALLETS));
  }

  async #mine(): Promise<string> {
    const count = 1 + this.#random.below(3);
    const address = await this.#anyAddress();
    await this.node.call("generatetoaddress", count, address);
    return `mine ${count}`;
  }

  /** What a step could not do is part of the life: too little money, a chain too long. */
  async #tried(what: string, work: () => Promise<unknown>): Promise<string> {
    try {
      await work();
      return what;
    } catch (error) {
      return `${what}: ${(error as Error).message}`;
    }
  }

  async #pay(): Promise<string> {
    const wallet = this.#random.pick(WALLETS);
    const address = await this.#anyAddress();
    const amount = (1 + this.#random.below(20_000)) / 1000;
    const subtracts = this.#random.oneIn(5);
    return this.#tried(`${wallet} pays ${amount}`, () =>
      this.node.callWallet(wallet, "sendtoaddress", address, amount, "", "", subtracts),
    );
  }

  async #payMany(): Promise<string> {
    const wallet = this.#random.pick(WALLETS);
    const amounts: Record<string, number> = {};
    for (let count = 2 + this.#random.below(4); count > 0; count--) {
      amounts[await this.#address(this.#random.pick(WALLETS))] = (1 + this.#random.below(1000)) / 1000;
    }
    return this.#tried(`${wallet} pays many`, () => this.node.callWallet(wallet, "sendmany", "", amounts));
  }

  async #bump(): Promise<string> {
    const wallet = this.#random.pick(WALLETS);
    const pending = await this.#pending(wallet);
    if (pending.length === 0) return "nothing to bump";
    const txid = this.#random.pick(pending);
    return this.#tried(`${wallet} bumps`, () => this.node.callWallet(wallet, "bumpfee", txid));
  }

  async #pending(wallet: string): Promise<readonly string[]> {
    const all = await this.node.callWallet<readonly { txid: string; category: string; confirmations: number }[]>(
      ...[wallet, "listtransactions", "*", 100],
    );
    return [...new Set(all.filter((one) => one.category === "send" && one.confirmations === 0).map((one) => one.txid))];
  }

  /** Blocks go, others come in their place, and now and then the first come back. */
  async #reorganise(): Promise<string> {
    const depth = 1 + this.#random.below(4);
    const height = await this.node.call<number>("getblockcount");
    const hash = await this.node.call<string>("getblockhash", height - depth + 1);
    await this.node.call("invalidateblock", hash);
    await this.compare();
    if (this.#random.oneIn(3)) {
      await this.node.call("reconsiderblock", hash);
      return `${depth} blocks go and come`;
    }
    await this.node.call("generatetoaddress", depth + 1, await this.#anyAddress());
    return `${depth} blocks are replaced`;
  }

  async #abandon(): Promise<string> {
    const wallet = this.#random.pick(WALLETS);
    const pending = await this.#pending(wallet);
    if (pending.length === 0) return "nothing to give up";
    const txid = this.#random.pick(pending);
    return this.#tried(`${wallet} gives up`, () => this.node.callWallet(wallet, "abandontransaction", txid));
  }

  async #restart(): Promise<string> {
    const isKilled = this.#random.oneIn(2);
    if (isKilled) await this.node.signal("SIGKILL");
    else expect(await this.node.stop()).toMatchObject({ code: 0, stderr: "" });
    const forgets = this.#random.oneIn(2);
    this.node = await TestNode.start(this.dataDir, [...ARGUMENTS, ...(forgets ? ["-persistmempool=0"] : [])]);
    return `${isKilled ? "killed" : "stopped"} and started${forgets ? " without its mempool" : ""}`;
  }
}

test("wallets hold what the chain and the mempool say", { timeout: 1_200_000 }, async () => {
  const life = new Life(new SeededRandom(seed));
  await life.begin();
  await life.compare();
  for (let step = 0; step < stepCount; step++) {
    await life.step();
    await life.compare().catch((error: Error) => {
      throw new Error(`seed ${seed}, step ${step}, after ${life.log.slice(-8).join("; ")}: ${error.message}`, {
        cause: error,
      });
    });
  }
  // Most of what was tried was done.
  const failed = life.log.filter((line) => line.includes(": "));
  expect(failed.length, failed.join("\n")).toBeLessThan(stepCount / 2);
  expect(await life.node.stop()).toMatchObject({ code: 0 });
});
