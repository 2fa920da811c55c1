import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { Chain } from "./chain/chain.ts";
import { type SystemClock, systemRandom } from "./clock.ts";
import type { NodeConfig } from "./config/config.ts";
import { ConfigError } from "./config/settings.ts";
import type { WalletConfig } from "./config/wallet.ts";
import type { NodeIndexes } from "./indexes/node-indexes.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Mempool } from "./mempool/mempool.ts";
import type { P2pNode } from "./p2p/p2p-node.ts";
import type { Logger } from "./ports.ts";
import { CORE_COMPATIBLE_VERSION } from "./server/rpc/rpc-network.ts";
import { ShellQueue } from "./shell-queue.ts";
import type { SignatureBackend } from "./signature-backend.ts";
import { openOwnWallet, readPassphrase } from "./start-own-wallet.ts";
import type { NodeWallet } from "./wallets/node-wallet.ts";
import type { NodeWallets } from "./wallets/node-wallets.ts";
import { TransactionRelay } from "./wallets/transaction-relay.ts";
import { databaseProblem, walletPathOf } from "./wallets/wallet-directory.ts";
import { WalletFault } from "./wallets/wallet-fault.ts";
import { WalletManager } from "./wallets/wallet-manager.ts";
import { WalletResend } from "./wallets/wallet-resend.ts";

export interface WalletParts {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly indexes: NodeIndexes;
  readonly p2p: P2pNode;
  readonly clock: SystemClock;
  readonly secp256k1: SignatureBackend;
  readonly log: Logger;
}

/** Loads the wallets that the configuration names, and lets them follow the chain. `undefined` with `-disablewallet`. */
export async function startWallets(
  config: NodeConfig,
  lifecycle: Lifecycle,
  parts: WalletParts,
): Promise<NodeWallets | undefined> {
  const { wallet } = config;
  if (wallet === undefined) return undefined;
  const { chain, mempool, indexes, p2p, clock, log } = parts;
  const notify = new ShellQueue("walletnotify", log);
  const manager = await lifecycle.start(
    "wallets",
    () =>
      new WalletManager(
        {
          directory: wallet.directory,
          networkMagic: magicNumber(config.network.magic),
          allowsOtherChains: wallet.allowsOtherChains,
          clientVersion: CORE_COMPATIBLE_VERSION,
          passphraseScope: wallet.fileProtection === "passphrase" ? "file" : "secrets",
          keypoolSize: wallet.keypoolSize,
          spendsUnconfirmedChange: wallet.spendsUnconfirmedChange,
          loadWarnings: wallet.loadWarnings,
        },
        {
          ...{ chain, mempool, clock, log, random: systemRandom },
          scheduler: clock.scheduler,
          filterIndex: indexes.blockFilters,
          startupList: config.startupWallets,
          secp256k1: parts.secp256k1.backend,
          prefixes: config.network.addressPrefixes,
          onTransaction: (loaded, transaction) => {
            const command = wallet.notifyCommand;
            if (command !== undefined) notify.add(notifyCommand(command, loaded, transaction));
          },
        },
      ),
    (started) => started.stop(),
  );
  const relay = new TransactionRelay({ chain, mempool, announcer: p2p.network.announcements });
  const resend = await lifecycle.start(
    "transactions of wallets",
    () =>
      new WalletResend({
        ...{ wallets: manager, relay, chain, clock, random: systemRandom },
        scheduler: clock.scheduler,
        feeMaxSats: wallet.fees.maxFeeSats,
        isActive: wallet.broadcasts,
      }),
    (started) => started.stop(),
  );
  const names = await namesToLoad(wallet, log);
  if (wallet.names === undefined && names.length > 0) config.startupWallets.assumeUnnamed();
  for (const name of names) {
    log.info("init message: Loading wallet…");
    await loadAtStart(manager, name, wallet, log);
  }
  const own = await openOwnWallet(wallet, { manager, chain, log });
  for (const loaded of manager.all()) await resend.resubmit(loaded);
  for (const warning of manager.all().length > 0 ? wallet.loadWarnings : []) log.warn(warning);
  return { manager, relay, resend, config: wallet, own, random: systemRandom };
}

/**
 * A wallet whose file opens only with a passphrase that nobody gave, or with another one, does not keep the node from its other work: it is
 * not loaded, and can be later. Everything else that is wrong with a wallet ends the start.
 */
async function loadAtStart(
  manager: WalletManager,
  name: string,
  { passphraseFile }: WalletConfig,
  log: Logger,
): Promise<void> {
  const passphrase = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile);
  try {
    await manager.load(name, { passphrase });
  } catch (error) {
    if (!(error instanceof WalletFault)) throw error;
    // At the start Core says what is wrong without saying that loading failed.
    const reason = error.message.replace(/^Wallet (file verification|loading) failed\. /, "");
    if (error.code !== "wrong-passphrase") throw new ConfigError(reason);
    const next = "Load it with loadwallet and its passphrase, or name a file that holds it with -walletpassphrasefile.";
    log.warn(`The wallet "${name}" is not loaded. ${error.message} ${next}`);
  }
}

/** Those of `-wallet` and `settings.json`; where nobody says, the unnamed one if there is one. */
async function namesToLoad({ names, directory }: WalletConfig, log: Logger): Promise<readonly string[]> {
  const wanted = names ?? [""];
  const found: string[] = [];
  for (const name of wanted) {
    const path = walletPathOf(directory, name);
    if ("error" in path) throw new ConfigError(path.error);
    const problem = await databaseProblem(path.path, "load");
    if (problem?.code === "not-found") {
      if (names !== undefined) log.warn(`Skipping -wallet path that doesn't exist. ${problem.message}`);
    } else if (problem !== undefined && names !== undefined) throw new ConfigError(problem.message);
    else if (problem === undefined) found.push(name);
  }
  return found;
}

function magicNumber(magic: Uint8Array): number {
  return new DataView(magic.buffer, magic.byteOffset).getUint32(0);
}

/** `%s` the transaction, `%b` and `%h` its block and height, `%w` the wallet. */
function notifyCommand(command: string, wallet: NodeWallet, { txid, state }: WalletTransaction): string {
  const block = state.kind === "confirmed" ? state.block : undefined;
  const values: Readonly<Record<string, string>> = {
    "%s": displayHash(txid),
    "%b": block === undefined ? "unconfirmed" : displayHash(block.hash),
    "%h": String(block?.height ?? -1),
    "%w": quoted(wallet.name),
  };
  return command.replaceAll(/%[sbhw]/g, (mark) => values[mark]!);
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
