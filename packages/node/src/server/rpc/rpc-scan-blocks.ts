import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject, type JsonValue, type RpcValue } from "@bitfleet/api/json.ts";
import { basicFilterMatchesAny } from "@bitfleet/protocol/filters/block-filter.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { FilterIndex } from "../../indexes/filter-index.ts";
import { socketTurn } from "../../turns.ts";
import { storedBlock, storedUndo } from "../stored-blocks.ts";
import { type DescriptorContext, scanObjectsParam, scriptKey } from "./descriptor-params.ts";
import { checkMembers, objectParam } from "./object-params.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Filters between two turns of the event loop. */
const FILTERS_PER_TURN = 32;

interface Scan {
  progressPercent: number;
  height: number;
  isAborted: boolean;
}

/** What is looked for, from where to where. */
interface ScanRange {
  readonly index: FilterIndex;
  readonly from: BlockIndexEntry;
  readonly to: BlockIndexEntry;
  readonly scripts: readonly Uint8Array[];
  /** Look into each block whose filter matches: one in 784,931 does so without reason. */
  readonly checksBlocks: boolean;
}

/** Searches the filters of blocks for scripts. One search at a time, as in Core. */
export function scanBlocksHandlers(deps: Pick<RpcDependencies, "chain" | "indexes" | "secp256k1">) {
  const { chain, indexes } = deps;
  const context: DescriptorContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };
  let running: Scan | undefined;

  const filterIndexOf = (filtertype: string): FilterIndex => {
    if (filtertype !== "basic") throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Unknown filtertype");
    if (indexes.blockFilters !== undefined) return indexes.blockFilters;
    throw new RpcError(RpcErrorCode.MISC_ERROR, `Index is not enabled for filtertype ${filtertype}`);
  };

  return {
    scanblocks: async (params, { signal }) => {
      switch (params.action) {
        case "status":
          return running === undefined ? null : { progress: running.progressPercent, current_height: running.height };
        case "abort":
          if (running === undefined) return false;
          running.isAborted = true;
          return true;
        case "start":
          break;
        default:
          throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Invalid action '${params.action}'`);
      }
      if (running !== undefined) {
        const message = 'Scan already in progress, use action "abort" or "status"';
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      const scan: Scan = { progressPercent: 0, height: params.start_height, isAborted: false };
      running = scan;
      try {
        const index = filterIndexOf(params.filtertype);
        const checksBlocks = optionsOf(params.options);
        const { from, to } = heightsOf(chain, params.start_height, params.stop_height);
        if (params.scanobjects === undefined) {
          throw new RpcError(RpcErrorCode.MISC_ERROR, "scanobjects argument is required for the start action");
        }
        const scripts = await scanObjectsParam(params.scanobjects, context, () => scan.isAborted || signal.aborted);
        await index.waitUntilCurrent();
        return await scanFilters(chain, { index, from, to, scripts, checksBlocks }, scan, signal);
      } finally {
        running = undefined;
      }
    },
  } satisfies Partial<RpcHandlers>;
}

/** Whether blocks are looked into. */
function optionsOf(value: JsonValue | undefined): boolean {
  const options = value === undefined ? new JsonObject([]) : objectParam(value);
  checkMembers(options, { filter_false_positives: "bool" }, { mayLack: true });
  return options.get("filter_false_positives") === true;
}

function heightsOf(chain: Pick<Chain, "blockAt" | "tip">, start: number, stop: number | undefined) {
  const from = chain.blockAt(start);
  if (from === undefined) throw new RpcError(RpcErrorCode.MISC_ERROR, "Invalid start_height");
  const to = stop === undefined ? chain.tip : chain.blockAt(stop);
  if (to === undefined || to.height < from.height) throw new RpcError(RpcErrorCode.MISC_ERROR, "Invalid stop_height");
  return { from, to };
}

/** Ends early, and says so, where it is told to, or where the index has not come so far. */
async function scanFilters(
  chain: Pick<Chain, "find" | "readBlockBytes" | "readUndo" | "isPruned">,
  range: ScanRange,
  scan: Scan,
  signal: AbortSignal,
): Promise<RpcValue> {
  const { index, from, to, scripts } = range;
  const relevant: string[] = [];
  let next = from.height;
  while (next <= to.height && !scan.isAborted && !signal.aborted) {
    const last = Math.min(next + FILTERS_PER_TURN - 1, to.height);
    const filters = await index.filters(next, to.ancestor(last)!);
    if (filters === undefined) break;
    for (const { blockHash, filter } of filters) {
      if (!basicFilterMatchesAny(filter, blockHash, scripts)) continue;
      if (range.checksBlocks && !(await hasAny(chain, chain.find(blockHash)!, scripts))) continue;
      relevant.push(displayHash(blockHash));
    }
    next = last + 1;
    scan.height = last;
    scan.progressPercent =
      last === to.height ? 100 : Math.floor((100 * (last - from.height)) / (to.height - from.height));
    await socketTurn();
  }
  return {
    from_height: from.height,
    to_height: Math.max(from.height, next - 1),
    relevant_blocks: relevant,
    completed: next > to.height,
  };
}

/** Whether a block pays to, or spends from, one of the scripts. */
async function hasAny(
  chain: Pick<Chain, "readBlockBytes" | "readUndo" | "isPruned">,
  entry: BlockIndexEntry,
  scripts: readonly Uint8Array[],
): Promise<boolean> {
  const block = await storedBlock(chain, entry);
  const { transactions: spent } = await storedUndo(chain, entry);
  const outputs = [...block.transactions.flatMap((tx) => tx.outputs), ...spent.flat().map((coin) => coin.output)];
  const present = new Set(outputs.map(({ scriptPubKey }) => scriptKey(scriptPubKey)));
  return scripts.some((script) => present.has(scriptKey(script)));
}
