import type { VaultChange } from "@bitfleet/vault/vault.ts";
import { factsAt, networkAt } from "./found-network.ts";
import type { Session } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { withNetwork, withoutChain, withoutNetwork } from "./wallet-book.ts";

type NetworksPart = Pick<Session, "tryNetwork" | "saveNetwork" | "removeNetwork" | "retryNow" | "acceptOtherChain">;

/** The part of a session that knows networks. */
export function networksPart(core: SessionCore): NetworksPart {
  return {
    tryNetwork: (place) => factsAt(place, core.deps),

    async saveNetwork(place) {
      const network = await networkAt(place, core.need().stored, () => core.newId(), core.deps);
      await core.change(({ stored }) => withNetwork(stored, network));
      const { active, stored } = core.need();
      if (active?.network.id === network.id) await core.activate(stored.activeAccountId);
      return network;
    },

    async removeNetwork(id) {
      await core.change(({ stored }) => withoutNetwork(stored, id));
    },

    retryNow: () => core.opened?.active?.wake(),

    async acceptOtherChain() {
      const opened = core.need();
      const network = opened.active?.network;
      if (network === undefined) return;
      await core.stopActive();
      const wallets = new Set(opened.stored.wallets.flatMap((one) => (one.networkId === network.id ? [one.id] : [])));
      const accounts = opened.stored.accounts.filter(({ walletId }) => wallets.has(walletId));
      const rows = await Promise.all(accounts.map(({ id }) => opened.vault.list("transactions", `${id}/`)));
      const removed = rows.flat().map(({ key }): VaultChange => ({ collection: "transactions", key }));
      await core.change(({ stored }) => withoutChain(stored, network.id, removed));
      await core.activate(opened.stored.activeAccountId);
    },
  };
}
