import { readFileSync } from "node:fs";
import type { AddressType } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import { mnemonicFaultText, parseMnemonic } from "@bitfleet/wallet/keys/mnemonic.ts";
import type { Chain } from "./chain/chain.ts";
import { ConfigError } from "./config/settings.ts";
import { tryReadText } from "./config/try-read-text.ts";
import type { Logger } from "./ports.ts";
import type { NodeWallet } from "./wallets/node-wallet.ts";
import { isUnfinished } from "./wallets/storage/wallet-files.ts";
import { newReceiveAddress } from "./wallets/wallet-addresses.ts";
import { databaseProblem, walletPathOf } from "./wallets/wallet-directory.ts";
import { WalletFault } from "./wallets/wallet-fault.ts";
import type { NewWallet, WalletManager } from "./wallets/wallet-manager.ts";
import { setUpPhraseKeys } from "./wallets/wallet-phrase.ts";

/** The wallet that a node has for itself: what it mines goes there, and `/api/wallet` means it where none is named. */
export interface OwnWalletOptions {
  /** `-walletfile`; `undefined` where the node has none. */
  readonly ownName: string | undefined;
  readonly passphraseFile: string | undefined;
  /** Holds the recovery phrase that it is made from; `undefined` for new keys. */
  readonly mnemonicFile: string | undefined;
  /** Of the address that is mined to. */
  readonly addressType: AddressType;
}

export interface OwnWalletTools {
  readonly manager: WalletManager;
  readonly chain: Pick<Chain, "blockAt">;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** Names the address that mined coins are paid to, from one start to the next. */
const MINING_LABEL = "mining";

/** The node's own wallet: loaded, or made where there is none of that name. Rejects with `ConfigError`. */
export async function openOwnWallet(
  options: OwnWalletOptions,
  { manager, chain, log }: OwnWalletTools,
): Promise<NodeWallet | undefined> {
  const { ownName: name, passphraseFile, mnemonicFile } = options;
  if (name === undefined) return undefined;
  const place = walletPathOf(manager.directory, name);
  const failed = (reason: string) =>
    new ConfigError(`The wallet "${name}" of -walletfile (WALLET_FILE) cannot be had: ${reason}`);
  if ("error" in place) throw failed(place.error);
  // A process that was killed while it made the wallet has left a folder without one, and is to be followed by one that makes it.
  const isThere = (await databaseProblem(place.path, "load"))?.code !== "not-found" && !isUnfinished(place.path);
  // A secret that is gone is missed only when the wallet is lost too, unless it is looked for before.
  const problem = isThere && mnemonicFile !== undefined ? tryReadText(mnemonicFile) : "";
  if (typeof problem !== "string") {
    log.warn(
      `${unreadable(mnemonicFile!, problem)} The wallet "${name}" is there and does not need it; were it lost, it would.`,
    );
  }
  const loaded = manager.get(name);
  if (loaded !== undefined) return loaded;
  const setUpKeys = isThere || mnemonicFile === undefined ? undefined : keysOfPhrase(mnemonicFile, options, chain);
  if (setUpKeys !== undefined) log.info(`Making the wallet "${name}" from the recovery phrase in ${mnemonicFile}`);
  const passphrase = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile);
  try {
    const made = { name, passphrase, setUpKeys };
    const { wallet } = await (isThere ? manager.load(name, { passphrase }) : manager.create(made));
    return wallet;
  } catch (error) {
    const { message } = error as Error;
    const isOfPassphrase = error instanceof WalletFault && error.code === "wrong-passphrase";
    throw failed(isOfPassphrase ? `${message} ${whereItIsFrom(passphraseFile)}` : message);
  }
}

/** The first address is the one to mine to, whatever was paid to it before. Throws `ConfigError`, which never shows a word. */
function keysOfPhrase(
  file: string,
  { addressType }: OwnWalletOptions,
  chain: Pick<Chain, "blockAt">,
): NonNullable<NewWallet["setUpKeys"]> {
  const text = tryReadText(file);
  if (typeof text !== "string") throw new ConfigError(unreadable(file, text));
  const parsed = parseMnemonic(text);
  if ("fault" in parsed) {
    throw new ConfigError(
      `The file ${file} of -walletmnemonicfile (WALLET_MNEMONIC_FILE) holds no recovery phrase: ${mnemonicFaultText(parsed.fault)}`,
    );
  }
  return (wallet) => {
    setUpPhraseKeys(wallet, parsed.mnemonic, chain.blockAt(0)!);
    miningScriptOf(wallet, addressType);
  };
}

const unreadable = (file: string, { code }: { readonly code: string }) =>
  `The file ${file} of -walletmnemonicfile (WALLET_MNEMONIC_FILE) cannot be read (${code}).`;

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
