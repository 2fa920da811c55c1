import type { VaultChange } from "@bitfleet/vault/vault.ts";
import {
  type AccountDescriptor,
  GAP_LIMIT,
  GAP_LIMIT_MAX,
  isGapLimit,
  type Phrase,
} from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import type { SavedNetwork, WalletSettings } from "./records.ts";
import type { Contact } from "./session.ts";
import type { StoredCosigner } from "./shared-summary.ts";
import { accountStateOf, accountStateValue } from "./stored.ts";
import {
  accountChange,
  contactChange,
  NETWORK_PREFIX,
  networkChange,
  phraseChange,
  type Stored,
  type StoredAccount,
  type StoredWallet,
  settingsChange,
  walletChange,
  walletRemoval,
} from "./stored-wallets.ts";

/** What becomes of networks, wallets, accounts and contacts, decided before it is written. Refusals are thrown as sentences. */

export interface BookChange {
  readonly stored: Stored;
  readonly changes: readonly VaultChange[];
}

const NAME_LENGTH_MAX = 100;
/** Accounts of a phrase: BIP44 has no limit, but looking through many takes long. */
export const ACCOUNTS_MAX = 100;

export function withSettings(stored: Stored, change: Partial<WalletSettings>): BookChange {
  const settings = { ...stored.settings, ...change };
  return { stored: { ...stored, settings }, changes: [settingsChange(settings, stored.activeAccountId)] };
}

export function withActive(stored: Stored, activeAccountId: string | undefined): BookChange {
  return { stored: { ...stored, activeAccountId }, changes: [settingsChange(stored.settings, activeAccountId)] };
}

/** Adds a network, or puts it in place of the one with its id. */
export function withNetwork(stored: Stored, network: SavedNetwork): BookChange {
  const isKnown = stored.networks.some(({ id }) => id === network.id);
  const replaced = stored.networks.map((one) => (one.id === network.id ? network : one));
  return {
    stored: { ...stored, networks: isKnown ? replaced : [...replaced, network] },
    changes: [networkChange(network)],
  };
}

export function withFirstBlock(stored: Stored, networkId: string, firstBlock: string | undefined): BookChange {
  const network = stored.networks.find(({ id }) => id === networkId);
  if (network === undefined) return { stored, changes: [] };
  const changed = { ...network, firstBlock };
  const networks = stored.networks.map((one) => (one.id === networkId ? changed : one));
  return { stored: { ...stored, networks }, changes: [networkChange(changed)] };
}

export function withoutNetwork(stored: Stored, id: string): BookChange {
  if (stored.wallets.some(({ networkId }) => networkId === id))
    throw new Error("Wallets of this network are still here: remove them first.");
  const networks = stored.networks.filter((network) => network.id !== id);
  return { stored: { ...stored, networks }, changes: [{ collection: "networks", key: NETWORK_PREFIX + id }] };
}

/** `phrase`: absent for one that watches. */
export interface AddedWallet {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  readonly phrase: Phrase | undefined;
  readonly descriptors: readonly AccountDescriptor[];
  /** Whether it may have been used before. */
  readonly scans: boolean;
  readonly gapLimit: number | undefined;
  /** Of one that several keys share: what they are called. */
  readonly cosigners?: readonly StoredCosigner[] | undefined;
}

/** With its first account, which is answered. */
export function withWallet(stored: Stored, added: AddedWallet): BookChange & { readonly account: StoredAccount } {
  const { id, networkId, phrase, descriptors, scans } = added;
  const order = Math.max(0, ...stored.wallets.map((one) => one.order)) + 1;
  const kind = phrase === undefined ? "watch" : "phrase";
  // It may have been removed while the wallet was made.
  networkIn(stored, networkId);
  // Of one that is new, or watches, there are no accounts to be found.
  const isSearched = !scans || kind === "watch";
  const name = nameOf(added.name, "the wallet");
  const gapLimit = checkedGapLimit(added.gapLimit ?? GAP_LIMIT);
  const { cosigners = [] } = added;
  const wallet: StoredWallet = { id, name, networkId, order, kind, isSearched, gapLimit, removed: [], cosigners };
  const account = madeAccount(id, kind === "watch" ? undefined : 0, "Main account", descriptors, scans);
  const twin = stored.accounts.find(
    (one) => isSameAccount(one, account) && networkOfAccount(stored, one) === networkId,
  );
  if (twin !== undefined) {
    const name = stored.wallets.find((one) => one.id === twin.walletId)?.name;
    throw new Error(`This wallet is here already, on this network: it is "${name}".`);
  }
  return {
    account,
    stored: { ...stored, wallets: [...stored.wallets, wallet], accounts: [...stored.accounts, account] },
    changes: [walletChange(wallet), ...(phrase ? [phraseChange(id, phrase)] : []), accountChange(account)],
  };
}

const networkOfAccount = ({ wallets }: Stored, { walletId }: StoredAccount) =>
  wallets.find(({ id }) => id === walletId)?.networkId;

/** A wallet that signs and one that watches the same are two. */
function isSameAccount(a: StoredAccount, b: StoredAccount): boolean {
  const first = ({ state }: StoredAccount) => accountStateOf(state).descriptors[0]?.text;
  return (a.index === undefined) === (b.index === undefined) && first(a) === first(b);
}

export function withAccount(
  stored: Stored,
  added: {
    readonly walletId: string;
    readonly index: number;
    readonly name: string;
    readonly descriptors: readonly AccountDescriptor[];
  },
): BookChange & { readonly account: StoredAccount } {
  const account = madeAccount(added.walletId, added.index, nameOf(added.name, "the account"), added.descriptors, true);
  const accounts = [...stored.accounts, account].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  const wallets = stored.wallets.map((one) => (one.id === added.walletId ? withoutRemoved(one, added.index) : one));
  const changed = wallets.filter((one) => !stored.wallets.includes(one));
  const changes = [accountChange(account), ...changed.map(walletChange)];
  return { account, stored: { ...stored, accounts, wallets }, changes };
}

function withoutRemoved(wallet: StoredWallet, index: number): StoredWallet {
  if (!wallet.removed.includes(index)) return wallet;
  return { ...wallet, removed: wallet.removed.filter((one) => one !== index) };
}

/** With an account that is written already. */
export function withKept(stored: Stored, account: StoredAccount): BookChange {
  const accounts = [...stored.accounts.filter(({ id }) => id !== account.id), account];
  accounts.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  return { stored: { ...stored, accounts }, changes: [] };
}

/** Throws where it is none. */
export function checkedGapLimit(gapLimit: number): number {
  if (isGapLimit(gapLimit)) return gapLimit;
  throw new Error(`A search goes on behind ${GAP_LIMIT} to ${GAP_LIMIT_MAX} unused addresses in a row.`);
}

/** What is known of the keys that share a wallet. */
export function withCosigners(stored: Stored, id: string, cosigners: readonly StoredCosigner[]): BookChange {
  const wallet = { ...walletIn(stored, id), cosigners };
  const wallets = stored.wallets.map((one) => (one.id === id ? wallet : one));
  return { stored: { ...stored, wallets }, changes: [walletChange(wallet)] };
}

export function renamedWallet(stored: Stored, id: string, name: string): BookChange {
  const wallet = { ...walletIn(stored, id), name: nameOf(name, "the wallet") };
  const wallets = stored.wallets.map((one) => (one.id === id ? wallet : one));
  return { stored: { ...stored, wallets }, changes: [walletChange(wallet)] };
}

export function renamedAccount(
  stored: Stored,
  id: string,
  name: string,
): BookChange & { readonly account: StoredAccount } {
  const account = { ...accountIn(stored, id), name: nameOf(name, "the account") };
  const accounts = stored.accounts.map((one) => (one.id === id ? account : one));
  return { account, stored: { ...stored, accounts }, changes: [accountChange(account)] };
}

/** Without accounts, which no search brings back by itself; and without a wallet where they were its last. */
export function withoutAccounts(stored: Stored, ids: readonly string[]): BookChange {
  const gone = stored.accounts.filter(({ id }) => ids.includes(id));
  const accounts = stored.accounts.filter((one) => !gone.includes(one));
  const left = new Set(accounts.map(({ walletId }) => walletId));
  const wallets = stored.wallets
    .filter(({ id }) => left.has(id))
    .map((wallet) => {
      const indexes = gone.flatMap(({ walletId, index }) => (walletId === wallet.id ? (index ?? []) : []));
      return indexes.length === 0 ? wallet : { ...wallet, removed: [...wallet.removed, ...indexes] };
    });
  return {
    stored: { ...stored, accounts, wallets },
    changes: [
      ...ids.map((key): VaultChange => ({ collection: "accounts", key })),
      ...wallets.filter((one) => !stored.wallets.includes(one)).map(walletChange),
      ...stored.wallets.filter(({ id }) => !left.has(id)).flatMap(({ id }) => walletRemoval(id)),
    ],
  };
}

/**
 * Accounts as if nobody had looked for them yet; labels and contacts stay, and what was given out is still watched. `isSameChain`: the coins may be found
 * again, so that those that are frozen are remembered.
 */
export function withForgotten(stored: Stored, ids: readonly string[], isSameChain = false): BookChange {
  const meant = new Set(ids);
  const accounts = stored.accounts.map((one) => (meant.has(one.id) ? forgotten(one, isSameChain) : one));
  return { stored: { ...stored, accounts }, changes: accounts.filter(({ id }) => meant.has(id)).map(accountChange) };
}

function forgotten(account: StoredAccount, isSameChain: boolean): StoredAccount {
  const state = accountStateOf(account.state);
  const progress = state.progress.map((each) => ({
    ...each,
    // On another chain a wallet that is restored from its phrase looks from the beginning, too.
    shownIndex: 0,
    nextIndex: each.rangeStart,
    lookedEnd: 0,
  }));
  const frozen = isSameChain ? state.frozen : [];
  return { ...account, total: 0n, state: accountStateValue({ ...state, progress, bestBlock: undefined, frozen }) };
}

export function withContact(stored: Stored, contact: Contact): BookChange & { readonly contact: Contact } {
  const saved: Contact = {
    id: contact.id,
    name: nameOf(contact.name, "the contact"),
    address: contact.address.trim(),
    note: contact.note.trim(),
  };
  if (saved.address === "") throw new Error("Enter the contact's address.");
  const contacts = [...stored.contacts.filter(({ id }) => id !== saved.id), saved];
  contacts.sort((a, b) => a.name.localeCompare(b.name));
  return { contact: saved, stored: { ...stored, contacts }, changes: [contactChange(saved)] };
}

export function withoutContact(stored: Stored, id: string): BookChange {
  const contacts = stored.contacts.filter((contact) => contact.id !== id);
  return { stored: { ...stored, contacts }, changes: [{ collection: "contacts", key: id }] };
}

/** The account with an id, or the one to show in its place: of the same wallet, else of the first. */
export function nextAccount({ wallets, accounts }: Stored, id: string): StoredAccount | undefined {
  const walletId = id.slice(0, id.lastIndexOf(":"));
  const byWallet = (wanted: string | undefined) => accounts.find((one) => one.walletId === wanted);
  return accounts.find((one) => one.id === id) ?? byWallet(walletId) ?? byWallet(wallets[0]?.id);
}

export function walletIn({ wallets }: Stored, id: string): StoredWallet {
  const wallet = wallets.find((one) => one.id === id);
  if (wallet === undefined) throw new Error("There is no such wallet.");
  return wallet;
}

export function accountIn({ accounts }: Stored, id: string): StoredAccount {
  const account = accounts.find((one) => one.id === id);
  if (account === undefined) throw new Error("There is no such account.");
  return account;
}

export function networkIn({ networks }: Stored, id: string): SavedNetwork {
  const network = networks.find((one) => one.id === id);
  if (network === undefined) throw new Error("There is no such network.");
  return network;
}

function madeAccount(
  walletId: string,
  index: number | undefined,
  name: string,
  descriptors: readonly AccountDescriptor[],
  isScanned: boolean,
): StoredAccount {
  // Of one that is new nothing older can be.
  const kept = isScanned ? descriptors : descriptors.filter(({ activeFor }) => activeFor !== undefined);
  const state = accountStateValue(newAccount(kept));
  return { id: `${walletId}:${index ?? 0}`, walletId, name, index, total: 0n, isScanned, state };
}

/** Throws where there is none, or it is too long. */
export function nameOf(text: string, what: string): string {
  const name = text.trim();
  if (name === "") throw new Error(`Give ${what} a name.`);
  if (name.length > NAME_LENGTH_MAX) throw new Error(`A name has at most ${NAME_LENGTH_MAX} characters.`);
  return name;
}
