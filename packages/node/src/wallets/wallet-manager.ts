import { join } from "node:path";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import type { WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { Clock, JobScheduler, Logger, Random } from "../ports.ts";
import { NodeWallet, type WalletBehaviour } from "./node-wallet.ts";
import { type CreateWalletOptions, createWalletDatabase } from "./storage/create-wallet.ts";
import { openWalletDatabase, type WalletStorageDependencies } from "./storage/open-wallet.ts";
import type { Passphrase } from "./storage/passphrase-key.ts";
import { restoreWallet } from "./storage/restore-wallet.ts";
import type { WalletDatabase } from "./storage/wallet-database.ts";
import { KEYS_FOLDER, removeMade } from "./storage/wallet-files.ts";
import { failedAs, faultOf } from "./storage-fault.ts";
import { topUpInTurns } from "./wallet-addresses.ts";
import { claimForChain } from "./wallet-chain.ts";
import {
  databaseProblem,
  keysPlaceOf,
  type ListedWallet,
  listWalletDirectory,
  walletPathOf,
} from "./wallet-directory.ts";
import { encryptWallet } from "./wallet-encryption.ts";
import { WalletFault } from "./wallet-fault.ts";
import { type WalletEvent, type WalletEventSink, WalletFeed } from "./wallet-feed.ts";
import { WalletFlag } from "./wallet-flags.ts";
import { newMasterKey } from "./wallet-keys.ts";
import { WalletLog } from "./wallet-log.ts";
import { catchUpWithChain, type WalletScanDependencies } from "./wallet-scan.ts";
import { setUpNewKeys } from "./wallet-setup.ts";
import { exportWatchOnly } from "./watch-only-copy.ts";

export interface WalletManagerOptions extends WalletBehaviour {
  /** `-walletdir` */
  readonly directory: string;
  readonly networkMagic: number;
  /** `-walletcrosschain`: see {@link claimForChain}. */
  readonly allowsOtherChains: boolean;
  /** As `getnetworkinfo` tells it: each wallet keeps which one had it last. */
  readonly clientVersion: number;
  /** What each wallet that is made or loaded warns of. */
  readonly loadWarnings: readonly string[];
}

/** Which wallets are loaded at the node's start. Answers whether that could be written down. */
export interface StartupList {
  add(name: string): boolean;
  remove(name: string): boolean;
}

export interface WalletManagerDependencies {
  readonly chain: WalletScanDependencies["chain"] & Pick<Chain, "events">;
  readonly mempool: Pick<Mempool, "entries" | "events" | "get">;
  readonly filterIndex: WalletScanDependencies["filterIndex"];
  readonly startupList: StartupList;
  readonly clock: Clock;
  /** For relocking: `mockscheduler` moves it. */
  readonly scheduler: Pick<JobScheduler, "after">;
  readonly random: Random;
  readonly log: Logger;
  readonly secp256k1: Secp256k1;
  readonly prefixes: AddressPrefixes;
  readonly onTransaction: (wallet: NodeWallet, transaction: WalletTransaction) => void;
  /** For tests: what passphrases cost. */
  readonly kdfCost?: WalletStorageDependencies["kdfCost"];
}

/** A new wallet. */
export interface NewWallet {
  readonly name: string;
  readonly disablesPrivateKeys?: boolean;
  readonly isBlank?: boolean;
  /** Not empty. */
  readonly passphrase?: string | undefined;
  readonly avoidsReuse?: boolean;
  /** `undefined`: as before. */
  readonly loadOnStartup?: boolean | undefined;
  /** What its keys are made by, in one step with the wallet itself, where they are not new ones. */
  readonly setUpKeys?: ((wallet: NodeWallet) => void) | undefined;
}

export interface LoadOptions {
  readonly loadOnStartup?: boolean | undefined;
  /** Of a wallet whose whole file is protected by it. */
  readonly passphrase?: Passphrase | undefined;
}

/** A wallet that is loaded now, and what its user should know. */
export interface LoadedWallet {
  readonly wallet: NodeWallet;
  readonly warnings: readonly string[];
}

/** The node's wallets: those that are loaded, and how others become so. Methods reject with {@link WalletFault}. */
export class WalletManager implements WalletEventSink {
  readonly #options: WalletManagerOptions;
  readonly #deps: WalletManagerDependencies;
  /** In the order in which they were loaded. */
  readonly #wallets = new Map<string, NodeWallet>();
  /** Names of wallets that are being loaded, made or closed. */
  readonly #busy = new Set<string>();
  readonly #feed: WalletFeed;
  /** Ends searches through blocks when the node stops. */
  readonly #stop = new AbortController();

  constructor(options: WalletManagerOptions, deps: WalletManagerDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#feed = new WalletFeed({ chain: deps.chain, mempool: deps.mempool, sink: this, log: deps.log });
  }

  /** The folder that wallets are in. */
  get directory(): string {
    return this.#options.directory;
  }

  /** Those that are loaded, first come first. What has happened so far is taken in. */
  all(): readonly NodeWallet[] {
    this.#feed.catchUp();
    return [...this.#wallets.values()];
  }

  /** The loaded wallet of that name, which has taken in what has happened so far. */
  get(name: string): NodeWallet | undefined {
    this.#feed.catchUp();
    return this.#wallets.get(name);
  }

  /** Names of the wallets in the directory, loaded or not. */
  list(): Promise<readonly ListedWallet[]> {
    return listWalletDirectory(this.directory, this.#deps.log);
  }

  async create(options: NewWallet): Promise<LoadedWallet> {
    const { name, disablesPrivateKeys = false, isBlank = false, avoidsReuse = false, passphrase } = options;
    if (name === "") throw new WalletFault("bad-request", "Wallet name cannot be empty");
    if (passphrase !== undefined && disablesPrivateKeys) throw new WalletFault("failed", PASSPHRASE_WITHOUT_KEYS);
    return this.#exclusively(name, async () => {
      const database = await this.#createDatabase(name, passphrase, async (wallet) => {
        let flags = WalletFlag.descriptors | WalletFlag.lastHardenedKeyCached;
        if (disablesPrivateKeys) flags |= WalletFlag.disablePrivateKeys;
        if (isBlank) flags |= WalletFlag.blank;
        if (avoidsReuse) flags |= WalletFlag.avoidReuse;
        wallet.setFlags(flags);
        if (disablesPrivateKeys || isBlank) return;
        if (passphrase !== undefined) await wallet.unlock(passphrase);
        if (options.setUpKeys === undefined) setUpNewKeys(wallet, this.#deps.random);
        else options.setUpKeys(wallet);
      });
      const loaded = await this.#begin(name, database, "fill").catch(removingMade(this.#pathOf(name)));
      return this.#remember(loaded, options.loadOnStartup);
    });
  }

  async load(name: string, options: LoadOptions = {}): Promise<LoadedWallet> {
    if (this.#wallets.has(name)) throw new WalletFault("already-loaded", `Wallet "${name}" is already loaded.`);
    return this.#exclusively(name, async () => {
      const loaded = await this.#load(name, options.passphrase);
      return this.#remember(loaded, options.loadOnStartup);
    });
  }

  /** Makes a wallet of a backup. */
  async restore(backupFile: string, name: string, options: LoadOptions = {}): Promise<LoadedWallet> {
    if (name === "") throw new WalletFault("bad-request", "Wallet name cannot be empty");
    return this.#exclusively(name, async () => {
      const { networkMagic } = this.#options;
      const { passphrase } = options;
      const path = this.#pathOf(name);
      const restoreOptions = { networkMagic, passphrase, ...keysPlaceOf(this.directory, path) };
      await restoreWallet(backupFile, path, restoreOptions, this.#storage()).catch(failedAs("restore", path));
      const loaded = await this.#load(name, passphrase).catch(removingMade(path));
      return this.#remember(loaded, options.loadOnStartup);
    });
  }

  /** See {@link newMasterKey}. */
  newMasterKey(wallet: NodeWallet): string {
    return newMasterKey(wallet, this.#deps.random);
  }

  /** See {@link exportWatchOnly}. */
  exportWatchOnly(wallet: NodeWallet, destination: string): Promise<void> {
    const { networkMagic } = this.#options;
    const newDatabase = (folder: string) =>
      createWalletDatabase(folder, { networkMagic, keysFolder: join(folder, KEYS_FOLDER) }, this.#storage());
    return exportWatchOnly(wallet, destination, this.directory, newDatabase);
  }

  /** See {@link encryptWallet}. */
  encrypt(wallet: NodeWallet, passphrase: Passphrase): Promise<void> {
    return encryptWallet(wallet, passphrase, this.#deps.random);
  }

  /** Closes a wallet's files. Answers what its user should know. */
  async unload(
    wallet: NodeWallet,
    options: { readonly loadOnStartup?: boolean | undefined } = {},
  ): Promise<readonly string[]> {
    const { name } = wallet;
    return this.#exclusively(name, async () => {
      this.#feed.catchUp();
      if (this.#wallets.get(name) !== wallet) throw new WalletFault("not-found", "Requested wallet already unloaded");
      this.#wallets.delete(name);
      await wallet.close();
      wallet.log.info(`Releasing wallet ${name}..`);
      return this.#noteStartup(name, options.loadOnStartup);
    });
  }

  /** Writes and closes everything. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#feed.stop();
    const wallets = [...this.#wallets.values()];
    this.#wallets.clear();
    await Promise.all(wallets.map((wallet) => wallet.close()));
  }

  /** Whether the node is ending: wallets that are missing are so because of it. */
  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  get isIdle(): boolean {
    return this.#wallets.size === 0;
  }

  take(events: readonly WalletEvent[]): void {
    for (const wallet of this.#wallets.values()) {
      try {
        wallet.takeEvents(events);
      } catch (error) {
        this.giveUp(wallet, error);
      }
    }
  }

  /**
   * After a write that failed: what is in memory may be more than what is on disk, an address whose key was never written say. The wallet
   * is unloaded; loaded again it is as it was written last, and sees the blocks since.
   */
  giveUp(wallet: NodeWallet, error: unknown): void {
    if (this.#wallets.get(wallet.name) !== wallet) return;
    const reason = error instanceof Error ? error.message : String(error);
    wallet.log.error(`The wallet could not be written and is unloaded: ${reason}`);
    this.#wallets.delete(wallet.name);
    wallet.close().catch((again: unknown) => wallet.log.error("closing it failed too", { error: String(again) }));
  }

  async #exclusively<Answer>(name: string, work: () => Promise<Answer>): Promise<Answer> {
    if (this.#busy.has(name)) throw new WalletFault("failed", "Wallet already loading.");
    this.#busy.add(name);
    try {
      return await work();
    } finally {
      this.#busy.delete(name);
    }
  }

  async #createDatabase(
    name: string,
    passphrase: string | undefined,
    fill: (wallet: NodeWallet) => Promise<void>,
  ): Promise<WalletDatabase> {
    const path = this.#pathOf(name);
    const problem = await databaseProblem(path, "create");
    if (problem !== undefined) throw new WalletFault("failed", `Wallet file verification failed. ${problem.message}`);
    const { networkMagic, passphraseScope: scope } = this.#options;
    const options: CreateWalletOptions = {
      ...{ networkMagic, passphrase, scope, ...keysPlaceOf(this.directory, path) },
      fill: async (database) => {
        const wallet = this.#walletOver(name, database);
        await fill(wallet).finally(() => wallet.secrets.clear());
      },
    };
    return createWalletDatabase(path, options, this.#storage()).catch(failedAs("create", path));
  }

  async #load(name: string, passphrase: Passphrase | undefined): Promise<LoadedWallet> {
    const path = this.#pathOf(name);
    const problem = await databaseProblem(path, "load");
    if (problem !== undefined) {
      throw new WalletFault("not-found", `Wallet file verification failed. ${problem.message}`);
    }
    const { networkMagic } = this.#options;
    const options = { networkMagic, passphrase, ...keysPlaceOf(this.directory, path) };
    const database = await openWalletDatabase(path, options, this.#storage()).catch(failedAs("load", path));
    return this.#begin(name, database, "load");
  }

  /** Puts a wallet over its database, brings it to the chain's tip, and has it follow. */
  async #begin(name: string, database: WalletDatabase, step: "fill" | "load"): Promise<LoadedWallet> {
    try {
      const wallet = this.#walletOver(name, database);
      const last = database.settings.getJson(VERSION_SETTING);
      if (last !== undefined) wallet.log.info(`Last client version = ${last}`);
      claimForChain(database.settings, this.#deps.chain.blockAt(0)!.hash, this.#options);
      database.settings.putJson(VERSION_SETTING, this.#options.clientVersion);
      await topUpInTurns(wallet, this.#stop.signal);
      await this.#attach(wallet);
      await database.flush();
      return { wallet, warnings: this.#options.loadWarnings };
    } catch (error) {
      this.#wallets.delete(name);
      await database.close();
      throw faultOf(error, step, database.folder);
    }
  }

  #walletOver(name: string, database: WalletDatabase): NodeWallet {
    const { clock, scheduler, random, secp256k1, prefixes, mempool, onTransaction } = this.#deps;
    const log = new WalletLog(name, this.#deps.log);
    const deps = { clock, scheduler, random, secp256k1, prefixes, mempool, onTransaction, log };
    return new NodeWallet(name, database, this.#options, deps);
  }

  /** To the tip, and then, without anything in between, among those that hear of what happens next. */
  async #attach(wallet: NodeWallet): Promise<void> {
    const { chain, filterIndex, clock } = this.#deps;
    // Between the end of a search and the next line that runs, blocks may have come.
    do {
      await wallet.scan.run(({ signal, onProgress }) => {
        const progress = { onProgress, signal: AbortSignal.any([signal, this.#stop.signal]) };
        return catchUpWithChain(wallet, progress, { chain, filterIndex, clock });
      });
      this.#feed.catchUp();
    } while (!equalBytes(chain.tip.hash, wallet.bestBlock.hash));
    wallet.takeMempool();
    this.#wallets.set(wallet.name, wallet);
  }

  #remember(loaded: LoadedWallet, loadOnStartup: boolean | undefined): LoadedWallet {
    const warnings = this.#noteStartup(loaded.wallet.name, loadOnStartup);
    return { ...loaded, warnings: [...loaded.warnings, ...warnings] };
  }

  #noteStartup(name: string, loadOnStartup: boolean | undefined): readonly string[] {
    if (loadOnStartup === undefined) return [];
    const { startupList } = this.#deps;
    if (loadOnStartup) return startupList.add(name) ? [] : [NOT_LOADED_NEXT];
    return startupList.remove(name) ? [] : [LOADED_NEXT];
  }

  #pathOf(name: string): string {
    const found = walletPathOf(this.directory, name);
    if ("error" in found) throw new WalletFault("failed", `Wallet file verification failed. ${found.error}`);
    return found.path;
  }

  #storage(): WalletStorageDependencies {
    const { random, clock, kdfCost } = this.#deps;
    return { random, clock, kdfCost };
  }
}

/** For `.catch`. As Core has it: what was made or restored and cannot be loaded is none, and its name is free. */
function removingMade(path: string): (error: unknown) => Promise<never> {
  return async (error) => {
    await removeMade(path);
    throw error;
  };
}

/** Which version had the wallet last. */
const VERSION_SETTING = "client-version";
const PASSPHRASE_WITHOUT_KEYS =
  "Passphrase provided but private keys are disabled. A passphrase is only used to encrypt private keys, so cannot be used for wallets with private keys disabled.";
const NOT_LOADED_NEXT =
  "Wallet load on startup setting could not be updated, so wallet may not be loaded next node startup.";
const LOADED_NEXT =
  "Wallet load on startup setting could not be updated, so wallet may still be loaded next node startup.";
