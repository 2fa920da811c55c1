import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Salvaged } from "@bitfleet/vault/vault.ts";
import type { Account } from "./account.ts";
import type { NoticeName, SavedNetwork, WalletSettings, WalletSummary } from "./records.ts";

/**
 * The wallet app behind its screens: one session for a page. It holds the vault, follows the network for the account that is on screen,
 * and knows no React. Screens read `state`, an immutable value that is replaced with every change (useSyncExternalStore), and call the methods,
 * which reject with an `Error` whose message is a sentence for people.
 */
export interface Session {
  readonly state: SessionState;
  subscribe(listener: () => void): () => void;

  /** Looks at the vault once more, where it was `unusable`. */
  lookAgain(): Promise<void>;
  /** Makes the vault; it is open then, and has no wallet. */
  create(passphrase: string): Promise<void>;
  /** Rejects with `VaultError` `wrong-passphrase`; after some of those in a row each further try waits longer (`state.waitUntilMs`). */
  unlock(passphrase: string): Promise<void>;
  lock(): void;
  changePassphrase(current: string, next: string): Promise<void>;
  isPassphrase(passphrase: string): Promise<boolean>;
  backup(passphrase: string): Promise<Uint8Array>;
  /** What is in a backup. Rejects with why it is none that this program can show. */
  readBackup(backup: Uint8Array, passphrase: string): Promise<BackupContents>;
  /** Where there is no vault. The backup is read first, as {@link readBackup} does. */
  restoreBackup(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<void>;
  /** In the place of what is here, open, locked or damaged: where it rejects, all is as before. */
  replaceBackup(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<void>;
  /** Of a damaged vault: what can still be read, as a backup that opens with the vault's passphrase. Rejects where nothing can. */
  salvage(passphrase: string): Promise<Salvaged>;
  /** Everything on this device is gone then. */
  destroy(): Promise<void>;

  changeSettings(change: Partial<WalletSettings>): Promise<void>;
  /** It is not told again. */
  dismissNotice(name: NoticeName): Promise<void>;

  /** What answers there: tried before a network is saved. Rejects with why it is none. */
  tryNetwork(place: NetworkPlace): Promise<NetworkFacts>;
  /** Saves a network that was tried, or changes the one with the id. */
  saveNetwork(place: NetworkPlace & { readonly name: string; readonly id?: string }): Promise<SavedNetwork>;
  removeNetwork(id: string): Promise<void>;
  /** Connects anew at once. */
  retryNow(): void;
  /**
   * The active network's chain is another one than this wallet knew (a development network that was begun anew): forgets what was known of the
   * old one, histories and heights, for all wallets of the network; keys, labels and contacts stay.
   */
  acceptOtherChain(): Promise<void>;
  /**
   * A server stays behind what the wallet has seen, since another one lied: forgets what was said of the chain, for all wallets of the active network, and looks
   * anew. Besides what {@link acceptOtherChain} leaves, frozen coins and payments made here stay; those are sent again where the network does not have them.
   */
  lookAnew(): Promise<void>;

  /** A new phrase of 12 or 24 words. Nothing is kept of it. */
  newPhrase(wordCount: 12 | 24): string;
  /** The wallet is active then. `scans`: whether it may have been used before, so that all its addresses are looked for. */
  addPhraseWallet(wallet: NewPhraseWallet): Promise<void>;
  /** Looks without keys. Takes what {@link readWatched} takes. */
  addWatchWallet(wallet: NewWatchWallet): Promise<void>;
  /** What a descriptor, extended key or address would watch, or why it is none. */
  readWatched(text: string, networkId: string): WatchedFacts | { readonly error: string };
  /**
   * Looks through a wallet's addresses and accounts once more, behind more unused addresses in a row than before; it is on screen then. Resolves when that has
   * begun: `state.furtherSearch` says how it goes. The wallet keeps to that limit. Rejects where it is no larger one, or one beyond all measure.
   */
  searchFurther(walletId: string, gapLimit: number, options?: FurtherOptions): Promise<void>;
  /** Ends the search of a wallet: what it has found is kept, and the wallet looks behind as many unused addresses as before it. */
  stopSearch(walletId: string): Promise<void>;
  /** Looks less far from now on: what was used stays watched. Rejects where the limit is no smaller one. */
  lowerGapLimit(walletId: string, gapLimit: number): Promise<void>;
  /** `[fingerprint/path]key` of a phrase of this device for a wallet that several share (BIP48), to hand out to the others. Takes tenths of a second. */
  ownCosigner(walletId: string, account: number): Promise<string>;
  /** The key that another signer hands out, or why it is none. */
  readCosigner(text: string, networkId: string): ReadCosigner | CosignerRefusal;
  /** What a wallet of these keys would be, to be compared before it is made; or why there is none. */
  readShared(
    wallet: Pick<NewSharedWallet, "networkId" | "required" | "cosigners">,
  ): SharedFacts | { readonly error: string };
  /** It watches; phrases of this device that have keys of it sign. It is active then. */
  addSharedWallet(wallet: NewSharedWallet): Promise<void>;
  /** What the holder of a key is called; "" for nothing. */
  nameCosigner(walletId: string, key: string, name: string): Promise<void>;
  renameWallet(id: string, name: string): Promise<void>;
  /** Keys and history are gone then, unless they are in a backup or on paper. */
  removeWallet(id: string): Promise<void>;
  /** The words, after the vault's passphrase. */
  revealPhrase(walletId: string, passphrase: string): Promise<string>;

  /** An account's descriptors with private keys, for other programs, after the vault's passphrase. Whoever has them can spend. */
  privateDescriptors(accountId: string, passphrase: string): Promise<readonly string[]>;

  addAccount(walletId: string, name: string): Promise<void>;
  renameAccount(id: string, name: string): Promise<void>;
  removeAccount(id: string): Promise<void>;
  /** Remembered: the next unlock shows it. Makes its wallet and network active too. */
  activateAccount(id: string): Promise<void>;

  contacts(): readonly Contact[];
  saveContact(contact: Omit<Contact, "id"> & { readonly id?: string }): Promise<Contact>;
  removeContact(id: string): Promise<void>;
}

export type SessionState =
  | { readonly kind: "starting" }
  /** No vault on this device: onboarding. */
  | { readonly kind: "absent" }
  /** `news`: what became of a backup that was taking the place of the vault when the program ended, in sentences. */
  | {
      readonly kind: "locked";
      readonly failures: number;
      readonly waitUntilMs: number;
      readonly news?: string | undefined;
    }
  | { readonly kind: "damaged"; readonly problem: string }
  /** It could not be looked at here or now; nothing is known to be wrong with it. `problem` says why, and what to do. */
  | { readonly kind: "unusable"; readonly reason: UnusableReason; readonly problem: string }
  | OpenState;

/** What is known of a backup before it is restored. */
export interface BackupContents {
  readonly madeAt: Date;
  /** The names of its wallets. */
  readonly wallets: readonly string[];
}

/** The codes of `VaultError` that a page has words of its own for; `other`: all else. */
export type UnusableReason = "unsupported" | "unreachable" | "in-use" | "too-new" | "other";

export interface OpenState {
  readonly kind: "open";
  readonly settings: WalletSettings;
  readonly networks: readonly SavedNetwork[];
  readonly wallets: readonly WalletSummary[];
  readonly contacts: readonly Contact[];
  /** Of the active account; absent while there is no wallet. */
  readonly account: Account | undefined;
  readonly connection: NetworkConnection;
  /** Ids of accounts of restored phrases that were found in the chain since the vault was opened. */
  readonly found: readonly string[];
  /** The last one that was asked for since the vault was opened. */
  readonly furtherSearch: FurtherSearch | undefined;
}

/** A search that {@link Session.searchFurther} began. `found`: when it is done, what the wallet has more than before. */
export interface FurtherSearch {
  readonly walletId: string;
  readonly gapLimit: number;
  readonly found: FoundFurther | undefined;
  /** It was ended before its end: {@link Session.stopSearch}. */
  readonly isStopped?: boolean | undefined;
}

export interface FurtherOptions {
  /** Whether accounts that were removed here are to be found, too. */
  readonly takesRemoved?: boolean | undefined;
}

export interface FoundFurther {
  readonly accounts: number;
  readonly transactions: number;
  readonly sats: Sats;
}

/** How the network of the active account is reached. */
export type NetworkConnection =
  /** There is no wallet. */
  | { readonly kind: "none" }
  | { readonly kind: "connecting"; readonly network: SavedNetwork }
  /** Addresses are looked through for the first time, or again: `found` transactions so far. */
  | { readonly kind: "scanning"; readonly network: SavedNetwork; readonly looked: number; readonly found: number }
  | {
      readonly kind: "live";
      readonly network: SavedNetwork;
      readonly facts: NetworkFacts;
      /** `events`: told of what happens at once; `polling`: asks every few seconds. */
      readonly by: "events" | "polling";
    }
  /** It does not answer, or not as it should: what is shown is what was known `sinceMs`. */
  | { readonly kind: "offline"; readonly network: SavedNetwork; readonly problem: string; readonly sinceMs: number }
  /** Something answers, but is not the network the wallet is of; nothing is taken from it, and nothing sent to it. */
  | {
      readonly kind: "refused";
      readonly network: SavedNetwork;
      readonly reason: RefusedReason;
      readonly problem: string;
    };

/**
 * `other-network`: signet in place of regtest, say. `other-chain`: the same rules, another first block: {@link Session.acceptOtherChain}.
 * `behind`: it stays at fewer blocks than were seen before: {@link Session.lookAnew}. `too-many`: the account has more transactions than there is room for.
 */
export type RefusedReason = "other-network" | "other-chain" | "key" | "no-index" | "behind" | "too-many";

/** Where a network is reached, as a person gives it. */
export interface NetworkPlace {
  /** Of a Bitfleet web server ("http://localhost:8080"), or of an Esplora server with its path; "" is the server that the page came from. */
  readonly url: string;
  /** Where the server wants one. */
  readonly apiKey?: string | undefined;
}

export interface NetworkFacts {
  /** "regtest", "signet", "testnet4", "main" … */
  readonly chain: string;
  /** `watch`: Bitfleet's self-custody routes; `esplora`: addresses one by one. */
  readonly protocol: "watch" | "esplora";
  readonly tipHeight: number;
  readonly tipTime: number;
  /** Where it shows its chain to people, "" being the server of the page: `/tx/<txid>` and the like are put behind. `undefined` where that is not known. */
  readonly pagesUrl: string | undefined;
  /** Whether it hands out coins to whoever has the admin key. */
  readonly hasFaucet: boolean;
}

export interface NewPhraseWallet {
  readonly name: string;
  readonly networkId: string;
  readonly phrase: string;
  /** BIP39's, which makes another wallet of the same words; "" for none. */
  readonly phrasePassphrase: string;
  readonly scans: boolean;
  /** Unused addresses in a row that end the search; absent for the usual number. */
  readonly gapLimit?: number | undefined;
}

export interface NewWatchWallet {
  readonly name: string;
  readonly networkId: string;
  readonly text: string;
  readonly gapLimit?: number | undefined;
}

export interface NewSharedWallet {
  readonly name: string;
  readonly networkId: string;
  /** So many of the keys must sign. */
  readonly required: number;
  /** `text`: what {@link Session.readCosigner} takes. */
  readonly cosigners: readonly { readonly text: string; readonly name: string }[];
  readonly gapLimit?: number | undefined;
}

export interface ReadCosigner {
  readonly key: string;
  readonly fingerprint: string | undefined;
  readonly path: string;
  /** In its usual form. */
  readonly text: string;
  /** Sentences to heed. */
  readonly warnings: readonly string[];
}

export interface CosignerRefusal {
  readonly error: string;
  /** What was given is nothing that may stay on a screen. */
  readonly isSecret: boolean;
}

export interface SharedFacts {
  /** To receive by and for change in one, with its checksum. */
  readonly descriptor: string;
  readonly firstAddress: string;
  readonly warnings: readonly string[];
}

export interface WatchedFacts {
  readonly kind: "descriptor" | "extended-key" | "address";
  /** In their usual form, with checksum: to receive by, and for change where that is known. */
  readonly descriptors: readonly string[];
  readonly firstAddress: string | undefined;
}

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly note: string;
}
