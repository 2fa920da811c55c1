import type { OpenVault, RecordValue, VaultChange } from "@bitfleet/vault/vault.ts";
import {
  fingerprintsOf,
  GAP_LIMIT,
  isGapLimit,
  type Phrase,
} from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import {
  type AccountSummary,
  AUTO_LOCK_MINUTES_MAX,
  NOTICES,
  type SavedNetwork,
  SETTINGS_DEFAULT,
  type WalletSettings,
  type WalletSummary,
} from "./records.ts";
import type { Contact } from "./session.ts";
import { type StoredCosigner, sharedSummary } from "./shared-summary.ts";
import { accountStateOf, countOf, fieldsOf, satsOf, textOf, UnreadableRecord } from "./stored.ts";
import { type StoredSearch, searchOf, searchValue } from "./stored-search.ts";

/** What stands in the vault besides accounts' histories: settings, networks, wallets, the accounts' names, contacts. */

const SETTINGS_KEY = "wallet";
export const NETWORK_PREFIX = "network:";
const PHRASE_SUFFIX = "/phrase";

export interface StoredWallet {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  /** Rises with each wallet that is added: their order. */
  readonly order: number;
  /** The words themselves stand in a record of their own, which is read when something is signed: {@link phraseOf}. */
  readonly kind: "phrase" | "watch";
  /** Whether nobody need look for further accounts of its phrase: `false` of one that was restored, until that is done. */
  readonly isSearched: boolean;
  /** Addresses in a row that were never used, behind which nobody looks further. */
  readonly gapLimit: number;
  /** Numbers of accounts that were removed here: a search does not bring them back. */
  readonly removed: readonly number[];
  /** The search behind longer gaps that is under way. */
  readonly search?: StoredSearch | undefined;
  /** What is known of keys that share it, besides what its descriptor says; of the others nothing. */
  readonly cosigners: readonly StoredCosigner[];
}

/** What a wallet says of how its accounts are opened. */
export const custodyOptions = ({ kind, gapLimit }: StoredWallet) => ({ signs: kind === "phrase", gapLimit });

export interface StoredAccount {
  readonly id: string;
  readonly walletId: string;
  readonly name: string;
  readonly index: number | undefined;
  readonly total: bigint;
  /** Whether older kinds of addresses are to be looked through, which are kept only where they were used. */
  readonly isScanned: boolean;
  readonly state: RecordValue;
}

export interface Stored {
  readonly settings: WalletSettings;
  readonly activeAccountId: string | undefined;
  readonly networks: readonly SavedNetwork[];
  readonly wallets: readonly StoredWallet[];
  readonly accounts: readonly StoredAccount[];
  readonly contacts: readonly Contact[];
}

/** All of it. */
export async function readStored(vault: Pick<OpenVault, "get" | "list">): Promise<Stored> {
  const [settings, networks, wallets, accounts, contacts] = await Promise.all([
    vault.get("settings", SETTINGS_KEY),
    vault.list("networks", NETWORK_PREFIX),
    vault.list("wallets"),
    vault.list("accounts"),
    vault.list("contacts"),
  ]);
  const read = accounts.map(({ key, value }) => accountOf(key, value));
  return {
    ...settingsOf(settings),
    networks: networks.map(({ key, value }) => networkOf(key.slice(NETWORK_PREFIX.length), value)),
    wallets: wallets
      .filter(({ key }) => !key.endsWith(PHRASE_SUFFIX))
      .map(({ key, value }) => walletOf(key, value))
      .sort((a, b) => a.order - b.order),
    accounts: read.sort((a, b) => (a.index ?? 0) - (b.index ?? 0)),
    contacts: contacts.map(({ key, value }) => contactOf(key, value)).sort((a, b) => a.name.localeCompare(b.name)),
  };
}

export function settingsChange(settings: WalletSettings, activeAccountId: string | undefined): VaultChange {
  const value = { ...settings, activeAccount: activeAccountId ?? null };
  return { collection: "settings", key: SETTINGS_KEY, value };
}

function settingsOf(value: RecordValue | undefined): Pick<Stored, "settings" | "activeAccountId"> {
  if (value === undefined) return { settings: SETTINGS_DEFAULT, activeAccountId: undefined };
  const { autoLockMinutes, addressType, noticesSeen, activeAccount } = fieldsOf(value, "the settings");
  return {
    // Odd ones keep nobody from their wallet.
    settings: {
      autoLockMinutes: isMinutes(autoLockMinutes) ? autoLockMinutes : SETTINGS_DEFAULT.autoLockMinutes,
      addressType: addressType === "bech32" ? "bech32" : "bech32m",
      noticesSeen: Array.isArray(noticesSeen) ? NOTICES.filter((notice) => noticesSeen.includes(notice)) : [],
    },
    activeAccountId: typeof activeAccount === "string" ? activeAccount : undefined,
  };
}

function isMinutes(value: RecordValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= AUTO_LOCK_MINUTES_MAX;
}

export function networkChange({ id, name, url, apiKey, chain, firstBlock }: SavedNetwork): VaultChange {
  const value = { name, url, apiKey, chain, firstBlock: firstBlock ?? null };
  return { collection: "networks", key: NETWORK_PREFIX + id, value };
}

function networkOf(id: string, value: RecordValue): SavedNetwork {
  const what = "a network";
  const { name, url, apiKey, chain, firstBlock } = fieldsOf(value, what);
  return {
    id,
    name: textOf(name, what),
    url: serverUrlOf(url),
    apiKey: textOf(apiKey, what),
    chain: textOf(chain, what),
    firstBlock: firstBlock === null ? undefined : textOf(firstBlock, what),
  };
}

/** As it is saved: nothing that a link would run, nor that no page could ask. */
function serverUrlOf(value: RecordValue | undefined): string {
  const what = "the address of a network";
  const url = textOf(value, what);
  const isServer = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (url !== "" && !isServer) throw new UnreadableRecord(what);
  return url;
}

export function walletChange(wallet: StoredWallet): VaultChange {
  const { id, name, networkId, order, kind, isSearched, gapLimit, removed, search, cosigners } = wallet;
  const known = cosigners.map(({ key, name: called, ownerId }) => ({ key, name: called, owner: ownerId ?? null }));
  const value: RecordValue = {
    ...{ name, networkId, order, kind, isSearched, gapLimit },
    ...(removed.length > 0 && { removed: [...removed] }),
    ...(search && { search: searchValue(search) }),
    ...(known.length > 0 && { cosigners: known }),
  };
  return { collection: "wallets", key: id, value };
}

function walletOf(id: string, value: RecordValue): StoredWallet {
  const what = "a wallet";
  const { name, networkId, order, kind, isSearched, gapLimit, removed, search, cosigners } = fieldsOf(value, what);
  const further = searchOf(search);
  return {
    id,
    name: textOf(name, what),
    networkId: textOf(networkId, what),
    order: countOf(order, what),
    kind: kindOf(kind),
    isSearched: isSearched !== false,
    // Where none is written, or none that can be, it is the usual one: that keeps nobody from their wallet.
    gapLimit: typeof gapLimit === "number" && isGapLimit(gapLimit) ? gapLimit : GAP_LIMIT,
    removed: Array.isArray(removed)
      ? removed.filter((one) => typeof one === "number" && Number.isSafeInteger(one))
      : [],
    ...(further && { search: further }),
    // The same of what keys are called.
    cosigners: Array.isArray(cosigners) ? cosigners.flatMap(cosignerOf) : [],
  };
}

function cosignerOf(value: RecordValue): readonly StoredCosigner[] {
  const { key, name, owner } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof key !== "string" || typeof name !== "string") return [];
  return [{ key, name, ownerId: typeof owner === "string" ? owner : undefined }];
}

function kindOf(value: RecordValue | undefined): StoredWallet["kind"] {
  if (value !== "phrase" && value !== "watch") throw new UnreadableRecord("the kind of a wallet");
  return value;
}

/** Both records of a wallet, to be deleted. */
export const walletRemoval = (id: string): readonly VaultChange[] => [
  { collection: "wallets", key: id },
  { collection: "wallets", key: id + PHRASE_SUFFIX },
];

/** Whether a record of the wallets' collection is a phrase, and not what is known of a wallet. */
export const isPhraseKey = (key: string): boolean => key.endsWith(PHRASE_SUFFIX);

export function phraseChange(walletId: string, { words, passphrase }: Phrase): VaultChange {
  return { collection: "wallets", key: walletId + PHRASE_SUFFIX, value: { words, passphrase } };
}

/** The phrase of a wallet; `undefined` where it has none. Rejects where the vault is locked. */
export async function phraseOf(walletId: string, vault: Pick<OpenVault, "get">): Promise<Phrase | undefined> {
  const value = await vault.get("wallets", walletId + PHRASE_SUFFIX);
  if (value === undefined) return undefined;
  const { words, passphrase } = fieldsOf(value, "a phrase");
  return { words: textOf(words, "a phrase"), passphrase: textOf(passphrase, "a phrase") };
}

export function accountChange({ id, name, index, total, isScanned, state }: StoredAccount): VaultChange {
  const value = { name, index: index ?? null, total: total.toString(), isScanned, state };
  return { collection: "accounts", key: id, value };
}

function accountOf(id: string, value: RecordValue): StoredAccount {
  const what = "an account";
  const { name, index, total, isScanned, state } = fieldsOf(value, what);
  return {
    id,
    walletId: id.slice(0, id.lastIndexOf(":")),
    name: textOf(name, what),
    index: index === null ? undefined : countOf(index, what),
    total: satsOf(total, what),
    isScanned: isScanned === true,
    state: state ?? null,
  };
}

export function contactChange({ id, name, address, note }: Contact): VaultChange {
  return { collection: "contacts", key: id, value: { name, address, note } };
}

function contactOf(id: string, value: RecordValue): Contact {
  const what = "a contact";
  const { name, address, note } = fieldsOf(value, what);
  return { id, name: textOf(name, what), address: textOf(address, what), note: textOf(note, what) };
}

/** The wallets of a network that have a phrase, and the fingerprints of their master keys. */
export function signersOf({ wallets, accounts }: Pick<Stored, "wallets" | "accounts">, networkId: string) {
  return wallets
    .filter((wallet) => wallet.kind === "phrase" && wallet.networkId === networkId)
    .map(({ id: walletId }) => {
      const first = accounts.find((account) => account.walletId === walletId);
      const fingerprints =
        first === undefined ? new Set<string>() : fingerprintsOf(accountStateOf(first.state).descriptors);
      return { walletId, fingerprints };
    });
}

/** Wallets as screens see them. */
export function summariesOf({ wallets, accounts }: Pick<Stored, "wallets" | "accounts">): readonly WalletSummary[] {
  return wallets.map((wallet) => summaryOfWallet(wallet, { wallets, accounts }));
}

function summaryOfWallet(wallet: StoredWallet, book: Pick<Stored, "wallets" | "accounts">): WalletSummary {
  const { id, name, networkId, kind, gapLimit, removed } = wallet;
  return {
    id,
    name,
    kind,
    networkId,
    gapLimit,
    removedCount: removed.length,
    shared: sharedSummary(wallet, book),
    accounts: book.accounts.filter(({ walletId }) => walletId === id).map(summaryOf),
  };
}

const summaryOf = ({ id, walletId, name, index, total }: StoredAccount): AccountSummary => ({
  id,
  walletId,
  name,
  index,
  total,
});
