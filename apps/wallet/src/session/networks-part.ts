import type { RecordValue, VaultChange } from "@bitfleet/vault/vault.ts";
import { isAbandoned, isSentByWallet } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { factsAt, networkAt } from "./found-network.ts";
import type { Session } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { transactionOfValue, transactionValue } from "./stored.ts";
import { withFirstBlock, withForgotten, withNetwork, withoutNetwork } from "./wallet-book.ts";
import { writeInParts } from "./write-in-parts.ts";

type NetworksPart = Pick<
  Session,
  "tryNetwork" | "saveNetwork" | "removeNetwork" | "retryNow" | "acceptOtherChain" | "lookAnew"
>;

/** The part of a session that knows networks. */
export function networksPart(core: SessionCore): NetworksPart {
  return {
    tryNetwork: (place) => factsAt(place, core.deps),

    async saveNetwork(place) {
      const network = await networkAt(place, core.need().stored, () => core.newId(), core.deps);
      await core.change(({ stored }) => withNetwork(stored, network));
      await core.inTurn(async () => {
        const { active, stored } = core.need();
        if (active?.network.id === network.id) await core.activate(stored.activeAccountId);
      });
      return network;
    },

    async removeNetwork(id) {
      await core.change(({ stored }) => withoutNetwork(stored, id));
    },

    retryNow: () => core.opened?.active?.wake(),

    acceptOtherChain: () => core.inTurn(() => forgetChain(() => undefined, false)),
    lookAnew: () => core.inTurn(() => forgetChain(withoutPlace, true)),
  };

  /** `kept`: what becomes of a transaction; `undefined` for what is forgotten. */
  async function forgetChain(kept: (value: RecordValue) => RecordValue | undefined, isSameChain: boolean) {
    const opened = core.need();
    const network = opened.active?.network;
    if (network === undefined) return;
    await core.stopActive();
    const wallets = new Set(opened.stored.wallets.flatMap((one) => (one.networkId === network.id ? [one.id] : [])));
    const accounts = opened.stored.accounts.filter(({ walletId }) => wallets.has(walletId));
    const rows = await Promise.all(accounts.map(({ id }) => opened.vault.list("transactions", `${id}/`)));
    const changes = rows.flat().map(({ key, value }): VaultChange => {
      const left = kept(value);
      return { collection: "transactions", key, ...(left !== undefined && { value: left }) };
    });
    // Each step leaves what can be gone on from: everything is looked for anew, and until the end no other chain is taken.
    const ids = accounts.map(({ id }) => id);
    await core.change(({ stored }) => withForgotten(stored, ids, isSameChain));
    await writeInParts(opened.vault, changes);
    if (!isSameChain) await core.change(({ stored }) => withFirstBlock(stored, network.id, undefined));
    await core.activate(opened.stored.activeAccountId);
  }
}

/** Of a payment of one's own, the same as one that no server has taken yet: where it has been taken, that is found. */
function withoutPlace(value: RecordValue): RecordValue | undefined {
  const { record, fee } = transactionOfValue(value);
  const { isCoinbase, notes } = record;
  if (!isSentByWallet(record) || isCoinbase || isAbandoned(record) || notes.replacedBy !== undefined) return undefined;
  const state = { kind: "inactive", isAbandoned: false } as const;
  return transactionValue({ record: { ...record, state, mempoolConflicts: [], trucChildInMempool: undefined }, fee });
}
