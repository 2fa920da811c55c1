import type { AddressIndex } from "./address-index.ts";
import type { FilterIndex } from "./filter-index.ts";
import type { IndexStatus } from "./index-runner.ts";
import type { SpenderIndex } from "./spender-index.ts";
import type { TxIndex } from "./tx-index.ts";

/** The indexes that this node keeps; each is `undefined` where it was not asked for. */
export interface NodeIndexes {
  /** `-txindex` */
  readonly transactions: TxIndex | undefined;
  /** `-txospenderindex` */
  readonly spenders: SpenderIndex | undefined;
  /** `-addressindex` */
  readonly addresses: AddressIndex | undefined;
  /** `-blockfilterindex` */
  readonly blockFilters: FilterIndex | undefined;
  /** All that run, in the order in which `getindexinfo` shows them. */
  readonly all: readonly IndexStatus[];
}

export const NO_INDEXES: NodeIndexes = {
  transactions: undefined,
  spenders: undefined,
  addresses: undefined,
  blockFilters: undefined,
  all: [],
};
