import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { mnemonicOf } from "@bitfleet/wallet/keys/mnemonic.ts";
import type { Page } from "playwright-core";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITFLEET, eventually, run, TestProcess, temporaryFolder } from "../functional/test-node.ts";

const WALLET_PAGE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../apps/wallet/dist/index.html");
const ENTROPY_SIZE = 16;

export const PASSPHRASE = "correct horse battery staple";

/** What the tests of the wallet app need built beside what all browser tests do; `undefined` where it is there. */
export function whyNoWalletPage(): string | undefined {
  return existsSync(WALLET_PAGE) ? undefined : "the wallet app is not built (npm run build)";
}

/** Twelve words that nobody had before. */
export function someWords(): string {
  return mnemonicOf(randomBytes(ENTROPY_SIZE));
}

/** A network of processes of its own, with a faucet, whose web server has the wallet app. Mines when it is told to. */
export class WalletNetwork {
  readonly url: string;
  readonly #folder: string;

  private constructor(url: string, folder: string) {
    this.url = url;
    this.#folder = folder;
  }

  static async start(): Promise<WalletNetwork> {
    const folder = temporaryFolder();
    const [port, rpcPort] = [await freePort(), await freePort()];
    const options = [`--data=${folder}`, `--port=${port}`, `--rpc-port=${rpcPort}`, "--interval=100000"];
    const up = new TestProcess(BITFLEET, ["up", "--miners=1", "--webservers=1", ...options]);
    await eventually(() => {
      if (up.child.exitCode !== null) throw new Error(`bitfleet up ended: ${up.stderr}`);
      return /^height 101 .* 2 of 2 nodes/m.test(up.stdout) ? true : undefined;
    });
    return new WalletNetwork(`http://127.0.0.1:${port}`, folder);
  }

  async stop(): Promise<void> {
    await run(BITFLEET, ["down", `--data=${this.#folder}`]);
  }

  mine(count: number): Promise<string> {
    return this.#do("mine", String(count));
  }

  /** Mines a block as soon as the miner has the transaction, which other nodes pass on after some seconds. */
  async mineWith(txid: string): Promise<void> {
    await eventually(async () => {
      const waiting = await this.rpc<readonly string[]>("getrawmempool");
      return waiting.includes(txid) ? true : undefined;
    });
    await this.mine(1);
  }

  /** Pays so many bitcoin from the network's own wallet; in no block before one is mined. */
  faucet(address: string, amount: string): Promise<string> {
    return this.#do("faucet", address, amount);
  }

  reorg(depth: number): Promise<string> {
    return this.#do("reorg", String(depth));
  }

  /** A method of the miner's JSON-RPC. */
  async rpc<Result>(method: string, ...parameters: readonly unknown[]): Promise<Result> {
    const texts = parameters.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
    const answer = (await this.#do("rpc", method, ...texts)).trim();
    // As bitcoin-cli prints it: strings bare, all else as JSON.
    try {
      return JSON.parse(answer) as Result;
    } catch {
      return answer as Result;
    }
  }

  async #do(command: string, ...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(BITFLEET, [command, `--data=${this.#folder}`, ...words]);
    if (code !== 0) throw new Error(`bitfleet ${command} ${words.join(" ")}: ${stderr || stdout}`);
    return stdout;
  }
}

/** From a device without a vault to a wallet of these words, on the network of the page's server. */
export async function setUpWallet(page: Page, words: string, passphrase = PASSPHRASE): Promise<void> {
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByLabel("The same once more").fill(passphrase);
  await page.getByRole("button", { name: "Encrypt this device" }).click();
  await page.getByRole("region", { name: "This server" }).getByRole("button", { name: "Use this network" }).click();
  await enterWords(page, words);
}

/** From the choice of how a wallet is added to a wallet of these words, and the page that is opened then. */
export async function enterWords(page: Page, words: string, opened: string | RegExp = /^Balance/): Promise<void> {
  await page.getByRole("button", { name: /^Restore from words/ }).click();
  for (const [index, word] of words.split(" ").entries()) {
    await page.getByRole("combobox", { name: `Word ${index + 1}`, exact: true }).fill(word);
  }
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: opened }).waitFor();
}

/** Opens what was locked. */
export async function unlockWallet(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
}

/** To a path of the app without loading it anew, as the page itself leads there: it stays unlocked. */
export async function openInApp(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, `/wallet-app/${path}`);
}
