import { join } from "node:path";
import type { NodeConfig } from "./config/config.ts";
import { FilterIndex, type FilterIndexDependencies } from "./indexes/filter-index.ts";
import type { NodeIndexes } from "./indexes/node-indexes.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** Opens the indexes that the configuration asks for and lets them follow the chain, which is open. */
export async function startIndexes(
  config: NodeConfig,
  lifecycle: Lifecycle,
  deps: Omit<FilterIndexDependencies, "onFatal">,
): Promise<NodeIndexes> {
  const onFatal = (error: Error) => lifecycle.fail(error);
  const isRebuilding = config.chain.reindex === "all";
  const openFilters = async () => {
    const path = join(config.networkDir, "indexes", "blockfilter", "basic");
    const index = await FilterIndex.open({ path, wipe: isRebuilding }, { ...deps, onFatal });
    index.start();
    return index;
  };
  const blockFilters = config.indexes.blockFilters
    ? await lifecycle.start("block filter index", openFilters, (index) => index.close())
    : undefined;
  return { blockFilters, all: blockFilters === undefined ? [] : [blockFilters] };
}
