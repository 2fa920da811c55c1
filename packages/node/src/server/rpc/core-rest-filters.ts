import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { FilterIndex } from "../../indexes/filter-index.ts";
import { headersFrom } from "../chain-json.ts";
import { hexOf } from "../hex.ts";
import { hashAndCount, knownEntry } from "./core-rest-blocks.ts";
import { answerIn, badRequest, hashIn, notFound, splitFormat } from "./core-rest-request.ts";
import type { CoreRestDependencies, RestCall, RestPrefix } from "./core-rest-routes.ts";

/** BIP158 */
const BASIC_FILTER_TYPE = 0;

/** Block filters and their headers. */
export function restFilterRoutes({ chain, indexes }: CoreRestDependencies) {
  return {
    "/rest/blockfilter/": async ({ rest }) => {
      const { path, format } = splitFormat(rest);
      const parts = path.split("/");
      if (parts.length !== 2) {
        throw badRequest("Invalid URI format. Expected /rest/blockfilter/<filtertype>/<blockhash>");
      }
      const [type, hash] = parts as [string, string];
      hashIn(hash);
      const index = indexOf(indexes.blockFilters, type);
      const entry = knownEntry({ chain }, hash);
      const isCurrent = await index.waitUntilCurrent();
      const stored = await index.filterAt(entry);
      if (stored === undefined) throw filterNotFound(isCurrent, entry.isValid(BlockStatus.VALID_SCRIPTS));
      const bytes = () => new Writer().uint8(BASIC_FILTER_TYPE).bytes(entry.hash).compactBytes(stored.filter).finish();
      return answerIn(format, { bytes, json: () => ({ filter: hexOf(stored.filter) }) });
    },

    "/rest/blockfilterheaders/": async (request) => {
      const { path, format } = splitFormat(request.rest);
      const [type = "", ...parts] = path.split("/");
      const form = "blockfilterheaders/<filtertype>/<blockhash>";
      const [hash, count] = hashAndCount(parts.length === 0 ? ["", "", ""] : parts, request, form);
      const first = chain.find(hashIn<BlockHash>(hash));
      const index = indexOf(indexes.blockFilters, type);
      const entries = first !== undefined && chain.isInActiveChain(first) ? headersFrom(chain, first, count) : [];
      const isCurrent = await index.waitUntilCurrent();
      const found = await Promise.all(entries.map((entry) => index.filterHeader(entry)));
      const headers = found.filter((header) => header !== undefined);
      if (headers.length < found.length) throw filterNotFound(isCurrent, true);
      return answerIn(format, { bytes: () => Buffer.concat(headers), json: () => headers.map(displayHash) });
    },
  } satisfies Partial<Record<RestPrefix, RestCall>>;
}

/** Throws `RestError` where there is no such index. */
function indexOf(basic: FilterIndex | undefined, type: string): FilterIndex {
  if (type !== "basic") throw badRequest(`Unknown filtertype ${type}`);
  if (basic === undefined) throw badRequest(`Index is not enabled for filtertype ${type}`);
  return basic;
}

/** `isCurrent`: the index has everything that the chain had. */
function filterNotFound(isCurrent: boolean, wasConnected: boolean) {
  if (!wasConnected) return notFound("Filter not found. Block was not connected to active chain.");
  if (!isCurrent) return notFound("Filter not found. Block filters are still in the process of being indexed.");
  return notFound("Filter not found. This error is unexpected and indicates index corruption.");
}
