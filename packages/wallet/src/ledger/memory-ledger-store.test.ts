import { MemoryLedgerStore } from "./memory-ledger-store.ts";
import { describeLedgerStore } from "./store-test-kit.ts";

describeLedgerStore("memory", {
  create: () => new MemoryLedgerStore(),
  reopen(store) {
    const reopened = new MemoryLedgerStore();
    reopened.apply(structuredClone((store as MemoryLedgerStore).snapshot()));
    return reopened;
  },
});
