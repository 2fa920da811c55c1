import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  displayHash,
  type HashKey,
  hashKey,
  parseDisplayHash,
  type Sats,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { OpenVault, VaultChange, VaultRecord } from "@bitfleet/vault/vault.ts";
import type { ChangeSet, DerivedScript } from "@bitfleet/wallet/ledger/change-set.ts";
import type { TransactionNotes } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import {
  type AccountContext,
  CustodyAccount,
  type CustodyOptions,
} from "@bitfleet/wallet/self-custody/custody-account.ts";
import type { AccountState } from "@bitfleet/wallet/self-custody/kept-account.ts";
import type { Snapshot } from "@bitfleet/wallet/self-custody/snapshot.ts";
import { allAtOnce, inTurns, type Lead, type Steps } from "@bitfleet/wallet/steps.ts";
import {
  accountStateOf,
  accountStateValue,
  type StoredTransaction,
  scriptOf,
  scriptRecord,
  textOf,
  transactionOfValue,
  transactionValue,
} from "./stored.ts";
import { accountChange, type StoredAccount } from "./stored-wallets.ts";
import { totalOf } from "./totals.ts";
import { writeInParts } from "./write-in-parts.ts";

/** Rows of one write among many that the page has turns between: sealing them takes some hundredths of a second. */
const PART_CHANGES = 500;

/**
 * One account in memory and in the vault: whatever changes in memory is written before anybody is told. Failed writes leave what is to be
 * written for the next one.
 */
export class AccountKeeper {
  readonly custody: CustodyAccount;
  readonly addressLabels: Map<string, string>;
  readonly transactionLabels: Map<string, string>;
  stored: StoredAccount;
  /** Rises with what its owner does: a server's answer from before is not the last word then. */
  version = 0;
  readonly #vault: Pick<OpenVault, "write">;
  readonly #fees: Map<HashKey, Sats>;
  /** How many scripts of an index are stored: `combo` has several. */
  readonly #places = new Map<string, number>();

  private constructor(
    stored: StoredAccount,
    vault: Pick<OpenVault, "write">,
    parts: Pick<AccountKeeper, "custody" | "addressLabels" | "transactionLabels"> & {
      readonly fees: Map<HashKey, Sats>;
      readonly scripts: readonly DerivedScript[];
    },
  ) {
    this.stored = stored;
    this.#vault = vault;
    this.custody = parts.custody;
    this.addressLabels = parts.addressLabels;
    this.transactionLabels = parts.transactionLabels;
    this.#fees = parts.fees;
    for (const { descriptorId, index } of parts.scripts) this.#nextPlace(`${descriptorId}/${index}`);
  }

  /** Reads an account, in turns with the page. */
  static async open(
    stored: StoredAccount,
    vault: Pick<OpenVault, "list" | "write">,
    options: CustodyOptions,
    context: AccountContext,
    lead: Lead,
  ): Promise<AccountKeeper> {
    const prefix = `${stored.id}/`;
    const [scriptRows, transactionRows, labelRows] = await Promise.all([
      vault.list("addresses", prefix),
      vault.list("transactions", prefix),
      vault.list("labels", prefix),
    ]);
    const state = accountStateOf(stored.state);
    const [scripts, dead] = scriptsOf(scriptRows, prefix, state);
    if (dead.length > 0) await writeInParts(vault, dead);
    scripts.sort((a, b) => a.descriptorId - b.descriptorId || a.index - b.index);
    const transactions = await inTurns(transactionsOf(transactionRows), lead);
    const kept = {
      ...state,
      scripts,
      transactions: transactions.map(({ record }) => record),
      proofs: transactions.flatMap(({ record, proof }) => (proof ? [[record.txid, proof] as const] : [])),
    };
    const custody = await inTurns(CustodyAccount.open(kept, options, context), lead);
    const fees = new Map<HashKey, Sats>();
    for (const { record, fee } of transactions) if (fee !== undefined) fees.set(hashKey(record.txid), fee);
    const labels = (kind: string) =>
      new Map(
        labelRows.flatMap(({ key, value }) => {
          const start = `${prefix}${kind}/`;
          return key.startsWith(start) ? [[key.slice(start.length), textOf(value, "a label")] as const] : [];
        }),
      );
    const parts = {
      custody,
      fees,
      scripts,
      addressLabels: labels("address"),
      transactionLabels: labels("transaction"),
    };
    const keeper = new AccountKeeper(stored, vault, parts);
    await keeper.write();
    return keeper;
  }

  /** One that was found and that nothing is stored of yet. */
  static begin(stored: StoredAccount, vault: Pick<OpenVault, "write">, custody: CustodyAccount): AccountKeeper {
    const [addressLabels, transactionLabels] = [new Map<string, string>(), new Map<string, string>()];
    return new AccountKeeper(stored, vault, {
      custody,
      fees: new Map(),
      scripts: [],
      addressLabels,
      transactionLabels,
    });
  }

  /** What a transaction pays, where all of its inputs are the account's, or a server told it. */
  feeOf(txid: Txid): Sats | undefined {
    return this.#fees.get(hashKey(txid));
  }

  /** In turns with the page: there may be twenty thousand transactions. Nothing else may change the account meanwhile. */
  async takeSnapshot(
    snapshot: Snapshot,
    fees: ReadonlyMap<HashKey, Sats>,
    nowSeconds: number,
    lead: Lead,
  ): Promise<void> {
    for (const [key, fee] of fees) this.#fees.set(key, fee);
    await inTurns(this.custody.takeSnapshot(snapshot, nowSeconds), lead);
    await this.write([], lead);
  }

  /** What was found of the blocks of transactions. */
  async takeProofs(found: Parameters<CustodyAccount["noteProofs"]>[0]): Promise<void> {
    this.custody.noteProofs(found);
    await this.write();
  }

  /** When it resolves, the payment survives a crash, with its label; where it rejects, the account never made it. */
  async takeCreated(
    transaction: Transaction,
    fee: Sats | undefined,
    notes: TransactionNotes & { readonly label?: string | undefined },
    nowSeconds: number,
  ): Promise<void> {
    const { label, ...ledgerNotes } = notes;
    this.version++;
    if (fee !== undefined) this.#fees.set(hashKey(transaction.txid), fee);
    this.custody.takeCreated(transaction, ledgerNotes, nowSeconds);
    const txid = displayHash(transaction.txid);
    try {
      // In one write: a payment whose label could not be written would be told as failed, and sent all the same.
      await this.write(label ? [this.#labelChange("transaction", txid, label)] : []);
    } catch (error) {
      this.custody.forget(transaction.txid);
      throw error;
    }
    if (label) this.transactionLabels.set(txid, label);
  }

  /** A payment that was written was not made after all. */
  async forgetCreated(txid: Txid): Promise<void> {
    const name = displayHash(txid);
    this.custody.forget(txid);
    await this.write([this.#labelChange("transaction", name, "")]);
    this.transactionLabels.delete(name);
  }

  async label(kind: "address" | "transaction", name: string, label: string): Promise<void> {
    const labels = kind === "address" ? this.addressLabels : this.transactionLabels;
    const text = label.trim();
    await this.#vault.write([this.#labelChange(kind, name, text)]);
    if (text === "") labels.delete(name);
    else labels.set(name, text);
  }

  /** All of them are written, or none. */
  async takeLabels(
    labels: readonly { readonly kind: "address" | "transaction"; readonly name: string; readonly label: string }[],
  ): Promise<void> {
    if (labels.length === 0) return;
    await this.#vault.write(labels.map(({ kind, name, label }) => this.#labelChange(kind, name, label)));
    for (const { kind, name, label } of labels) {
      const held = kind === "address" ? this.addressLabels : this.transactionLabels;
      if (label === "") held.delete(name);
      else held.set(name, label);
    }
  }

  async rename(name: string): Promise<void> {
    const stored = { ...this.stored, name };
    await this.#vault.write([accountChange(stored)]);
    this.stored = stored;
  }

  #labelChange(kind: "address" | "transaction", name: string, text: string): VaultChange {
    return { collection: "labels", key: `${this.stored.id}/${kind}/${name}`, ...(text !== "" && { value: text }) };
  }

  /**
   * Writes what has changed, all else first and the account's own record last: where it is interrupted, the next look begins from there. `besides`: to be
   * written with it, and not kept for later where that fails.
   */
  async write(besides: readonly VaultChange[] = [], lead?: Lead): Promise<void> {
    const changes = this.custody.takeChanges();
    if (changes === undefined) return;
    const stored = { ...this.stored, total: totalOf(this.custody), state: accountStateValue(this.custody.state) };
    try {
      const rows = lead === undefined ? allAtOnce(this.#rowsOf(changes)) : await inTurns(this.#rowsOf(changes), lead);
      const parts = lead === undefined ? undefined : { changesMax: PART_CHANGES, turns: lead.turns };
      await writeInParts(this.#vault, [...rows, ...besides, accountChange(stored)], parts);
    } catch (error) {
      this.custody.restoreChanges(changes);
      throw error;
    }
    this.stored = stored;
  }

  *#rowsOf({ transactions, removedTransactions, scripts }: ChangeSet): Steps<readonly VaultChange[]> {
    const prefix = `${this.stored.id}/`;
    const rows: VaultChange[] = [];
    const total = scripts.length + transactions.length;
    for (const script of scripts) {
      const { key, value } = scriptRecord(script, this.#nextPlace(`${script.descriptorId}/${script.index}`));
      rows.push({ collection: "addresses", key: prefix + key, value });
      yield { work: "check", done: rows.length, total };
    }
    for (const record of transactions) {
      const proof = this.custody.proofs.kept(record.txid);
      const value = transactionValue({ record, fee: this.#fees.get(hashKey(record.txid)), proof });
      rows.push({ collection: "transactions", key: prefix + displayHash(record.txid), value });
      yield { work: "check", done: rows.length, total };
    }
    for (const txid of removedTransactions) rows.push({ collection: "transactions", key: prefix + displayHash(txid) });
    return rows;
  }

  #nextPlace(name: string): number {
    const place = this.#places.get(name) ?? 0;
    this.#places.set(name, place + 1);
    return place;
  }
}

function* transactionsOf(rows: readonly VaultRecord[]): Steps<readonly StoredTransaction[]> {
  const transactions: StoredTransaction[] = [];
  for (const { value } of rows) {
    transactions.push(transactionOfValue(value));
    yield { work: "check", done: transactions.length, total: rows.length };
  }
  return transactions;
}

/** The scripts that are watched, and rows to be deleted: of descriptors that were given up, and of addresses that are watched no more. */
function scriptsOf(
  rows: readonly VaultRecord[],
  prefix: string,
  { descriptors, progress }: AccountState,
): readonly [scripts: DerivedScript[], dead: readonly VaultChange[]] {
  const ends = new Map(progress.map(({ id, rangeEnd }) => [id, rangeEnd]));
  const kept = new Set(descriptors.map(({ id }) => id));
  const scripts: DerivedScript[] = [];
  const dead: VaultChange[] = [];
  for (const { key, value } of rows) {
    const script = scriptOf(key.slice(prefix.length), value);
    const { descriptorId, index } = script;
    if (kept.has(descriptorId) && index < (ends.get(descriptorId) ?? 0)) scripts.push(script);
    else dead.push({ collection: "addresses", key });
  }
  return [scripts, dead];
}

/** All that stands in the vault of an account besides its own record: to be deleted with it. */
export async function accountRows(id: string, vault: OpenVault): Promise<readonly VaultChange[]> {
  const collections = ["addresses", "transactions", "labels"] as const;
  const rows = await Promise.all(
    collections.map(async (collection) =>
      (await vault.list(collection, `${id}/`)).map(({ key }) => ({ collection, key })),
    ),
  );
  return rows.flat();
}

/** A txid as people see it; `undefined` where the text is none. */
export const txidOf = (text: string): Txid | undefined => parseDisplayHash<Txid>(text);
