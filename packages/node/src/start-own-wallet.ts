import { readFileSync } from "node:fs";
import type { AddressType } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import { ConfigError } from "./config/settings.ts";
import type { NodeWallet } from "./wallets/node-wallet.ts";
import { newReceiveAddress } from "./wallets/wallet-addresses.ts";
import { databaseProblem, walletPathOf } from "./wallets/wallet-directory.ts";
import { WalletFault } from "./wallets/wallet-fault.ts";
import type { WalletManager } from "./wallets/wallet-manager.ts";

/** The wallet that a node has for itself: what it mines goes there, and `/api/wallet` means it where none is named. */
export interface OwnWalletOptions {
  /** `-walletfile`; `undefined` where the node has none. */
  readonly ownName: string | undefined;
  readonly passphraseFile: string | undefined;
}

/** Names the address that mined coins are paid to, from one start to the next. */
const MINING_LABEL = "mining";

/** The node's own wallet: loaded, or made where there is none of that name. Rejects with `ConfigError`. */
export async function openOwnWallet(
  manager: WalletManager,
  { ownName: name, passphraseFile }: OwnWalletOptions,
): Promise<NodeWallet | undefined> {
  if (name === undefined) return undefined;
  const loaded = manager.get(name);
  if (loaded !== undefined) return loaded;
  const place = walletPathOf(manager.directory, name);
  const failed = (reason: string) =>
    new ConfigError(`The wallet "${name}" of -walletfile (WALLET_FILE) cannot be had: ${reason}`);
  if ("error" in place) throw failed(place.error);
  const problem = await databaseProblem(place.path, "load");
  const passphrase = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile);
  try {
    const isThere = problem?.code !== "not-found";
    const { wallet } = await (isThere ? manager.load(name, { passphrase }) : manager.create({ name, passphrase }));
    return wallet;
  } catch (error) {
    const { message } = error as Error;
    const isOfPassphrase = error instanceof WalletFault && error.code === "wrong-passphrase";
    throw failed(isOfPassphrase ? `${message} ${whereItIsFrom(passphraseFile)}` : message);
  }
}

/** What an operator does about a passphrase at the start, where nobody can be asked for it. */
function whereItIsFrom(passphraseFile: string | undefined): string {
  return passphraseFile === undefined
    ? "Name a file that holds it with -walletpassphrasefile."
    : `It was read from ${passphraseFile}, which -walletpassphrasefile names.`;
}

/** The passphrase in a file that an operator keeps; white space around it does not count. */
export function readPassphrase(path: string): string {
  return readFileSync(path, "utf8").trim();
}

/** Output script of the wallet's address for mined coins, which is the same at every start. Throws `ConfigError` where it gives out none. */
export function miningScriptOf(wallet: NodeWallet, addressType: AddressType): Uint8Array {
  for (const { script, label, purpose } of wallet.ledger.addressBook()) {
    if (label === MINING_LABEL && purpose === "receive" && wallet.keychain.ownerOf(script) !== undefined) return script;
  }
  const given = newReceiveAddress(wallet, addressType, MINING_LABEL);
  if (!("error" in given)) return given.script;
  throw new ConfigError(
    `The wallet "${wallet.name}" has no address to mine to (${given.error}); name one with -miningaddress.`,
  );
}
