import type { Account } from "./session/account.ts";
import type { OpenState, Session, SessionState } from "./session/session.ts";

/** Stands in until the real session is there: one watched account without anything in it. */
export function openSession(): Session {
  const network = { id: "n", name: "This server", url: "", apiKey: "", chain: "regtest", firstBlock: undefined };
  const summary = { id: "w:0", walletId: "w", name: "Main account", index: 0, total: 123_456n };
  const wallet = { id: "w", name: "Savings", kind: "phrase" as const, networkId: "n", accounts: [summary] };
  const none = { spendable: 123_456n, pending: 0n, immature: 0n, frozen: 0n, total: 123_456n };
  const account = new Proxy(
    {
      id: "w:0",
      name: "Main account",
      wallet,
      signs: true,
      balance: none,
      knownHeight: 101,
      feeChoices: async () => ({}),
    },
    { get: (target, name) => Reflect.get(target, name) ?? (() => (name === "historyCsv" ? "" : [])) },
  ) as unknown as Account;
  const open: OpenState = {
    kind: "open",
    settings: { autoLockMinutes: 10, addressType: "bech32m" },
    networks: [network],
    wallets: [wallet],
    contacts: [],
    account,
    connection: {
      kind: "live",
      network,
      facts: { chain: "regtest", protocol: "watch", tipHeight: 101, tipTime: 0, hasFaucet: true },
      by: "events",
    },
  };
  let state: SessionState = open;
  const listeners = new Set<() => void>();
  const set = (next: SessionState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const session = {
    get state() {
      return state;
    },
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lock: () => set({ kind: "locked", failures: 0, waitUntilMs: 0 }),
    unlock: async () => set(open),
    touch: () => {},
    contacts: () => [],
  };
  return session as unknown as Session;
}
