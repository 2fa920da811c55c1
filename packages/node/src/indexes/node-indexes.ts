import type { FilterIndex } from "./filter-index.ts";
import type { IndexStatus } from "./index-runner.ts";

/** The indexes that this node keeps; each is `undefined` where it was not asked for. */
export interface NodeIndexes {
  /** `-blockfilterindex` */
  readonly blockFilters: FilterIndex | undefined;
  /** All that run, in the order in which `getindexinfo` shows them. */
  readonly all: readonly IndexStatus[];
}

export const NO_INDEXES: NodeIndexes = { blockFilters: undefined, all: [] };
