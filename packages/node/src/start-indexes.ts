import { join } from "node:path";
import type { Chain } from "./chain/chain.ts";
import { systemRandom } from "./clock.ts";
import type { NodeConfig } from "./config/config.ts";
import { AddressBook } from "./indexes/address-book.ts";
import { AddressIndex, type AddressIndexDependencies } from "./indexes/address-index.ts";
import { AddressMempool } from "./indexes/address-mempool.ts";
import { FilterIndex } from "./indexes/filter-index.ts";
import type { NodeIndexes } from "./indexes/node-indexes.ts";
import { SpenderIndex, type SpenderIndexDependencies } from "./indexes/spender-index.ts";
import { TxIndex } from "./indexes/tx-index.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Mempool } from "./mempool/mempool.ts";

/** Opens the indexes that the configuration asks for and lets them follow the chain, which is open. */
export async function startIndexes(
  config: NodeConfig,
  lifecycle: Lifecycle,
  deps: Omit<SpenderIndexDependencies & AddressIndexDependencies, "onFatal" | "random">,
): Promise<NodeIndexes> {
  const tools = { ...deps, onFatal: (error: Error) => lifecycle.fail(error), random: systemRandom };
  const wipe = config.chain.reindex === "all";
  const folder = (...names: string[]) => ({ path: join(config.networkDir, "indexes", ...names), wipe });

  /** Starts an index that is wanted. */
  const started = async <Index extends { start(): void; close(): Promise<void> }>(
    isWanted: boolean,
    name: string,
    open: () => Promise<Index>,
  ): Promise<Index | undefined> => {
    if (!isWanted) return undefined;
    const opened = async () => {
      const index = await open();
      index.start();
      return index;
    };
    return lifecycle.start(name, opened, (index) => index.close());
  };

  const wanted = config.indexes;
  const transactions = await started(wanted.transactions, "transaction index", () =>
    TxIndex.open(folder("txindex"), tools),
  );
  const spenders = await started(wanted.spenders, "index of spenders", () =>
    SpenderIndex.open(folder("txospenderindex", "db"), tools),
  );
  const blockFilters = await started(wanted.blockFilters, "block filter index", () =>
    FilterIndex.open(folder("blockfilter", "basic"), tools),
  );
  const addresses = await started(wanted.addresses, "address index", () => AddressIndex.open(folder("address"), tools));
  const all = [transactions, spenders, blockFilters, addresses].filter((index) => index !== undefined);
  return { transactions, spenders, addresses, blockFilters, all };
}

/** What answers for addresses where there is an index of them. The mempool is empty yet. */
export async function startAddressBook(
  index: AddressIndex | undefined,
  lifecycle: Lifecycle,
  { chain, mempool }: { readonly chain: Chain; readonly mempool: Mempool },
): Promise<AddressBook | undefined> {
  if (index === undefined) return undefined;
  const waiting = await lifecycle.start(
    "addresses of the mempool",
    () => new AddressMempool(mempool),
    (started) => started.close(),
  );
  return new AddressBook({ chain, index, waiting });
}
