import { encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { StorageError } from "../../storage/storage-error.ts";
import { headerJson, headersFrom } from "../chain-json.ts";
import { callOf } from "./core-rest-info.ts";
import {
  answerIn,
  badRequest,
  countIn,
  HEADERS_COUNT_DEFAULT,
  hashIn,
  notFound,
  queryField,
  RestError,
  type RestRequest,
  splitFormat,
  unsignedIn,
} from "./core-rest-request.ts";
import type { CoreRestDependencies, RestCall, RestPrefix } from "./core-rest-routes.ts";

/** Blocks, parts of them, their headers and hashes. */
export function restBlockRoutes(deps: CoreRestDependencies) {
  const { chain } = deps;
  const call = callOf(deps.handlers);

  const block =
    (verbosity: 1 | 3): RestCall =>
    async ({ rest }) => {
      const { path, format } = splitFormat(rest);
      const entry = storedEntry(deps, path);
      const bytes = () => bytesOf(deps, entry, path);
      return answerIn(format, {
        bytes,
        json: async () => {
          // What cannot be read is an error of this interface, not of the call that shows it.
          await bytes();
          return call("getblock", { blockhash: path, verbosity });
        },
      });
    };

  return {
    "/rest/block/": block(3),
    "/rest/block/notxdetails/": block(1),

    "/rest/blockpart/": async ({ target, rest }) => {
      const offset = unsignedIn(queryField(target, "offset") ?? "", 64);
      if (offset === undefined) throw badRequest("Block part offset missing or invalid");
      const size = unsignedIn(queryField(target, "size") ?? "", 64);
      if (size === undefined) throw badRequest("Block part size missing or invalid");
      const { path, format } = splitFormat(rest);
      const bytes = await bytesOf(deps, storedEntry(deps, path), path);
      if (size === 0n || offset + size > BigInt(bytes.length)) {
        throw badRequest(`Bad block part offset/size ${offset}/${size} for ${path}`);
      }
      if (format === "json") throw badRequest("JSON output is not supported for this request type");
      const part = bytes.subarray(Number(offset), Number(offset + size));
      return answerIn(format, { bytes: () => part, json: () => null });
    },

    "/rest/headers/": (request) => {
      const { path, format } = splitFormat(request.rest);
      const [hash, count] = hashAndCount(path.split("/"), request, "headers/<hash>");
      const first = chain.find(hashIn<BlockHash>(hash));
      const entries = first !== undefined && chain.isInActiveChain(first) ? headersFrom(chain, first, count) : [];
      return answerIn(format, {
        bytes: () => Buffer.concat(entries.map(({ header }) => encodeBlockHeader(header))),
        json: () => entries.map((entry) => headerJson(chain, entry)),
      });
    },

    "/rest/blockhashbyheight/": ({ rest }) => {
      const { path, format } = splitFormat(rest);
      const height = /^-?[0-9]{1,10}$/.test(path) ? Number(path) : -1;
      if (height < 0 || height > INT32_MAX) throw badRequest(`Invalid height: ${path.replace(UNSAFE, "")}`);
      const entry = chain.blockAt(height);
      if (entry === undefined) throw notFound("Block height out of range");
      const text = displayHash(entry.hash);
      return answerIn(format, { bytes: () => entry.hash, hex: () => text, json: () => ({ blockhash: text }) });
    },
  } satisfies Partial<Record<RestPrefix, RestCall>>;
}

const INT32_MAX = 2 ** 31 - 1;
/** What Core does not repeat of an address. */
const UNSAFE = /[^a-zA-Z0-9!*'();:@&=+$,/?#[\]\-_.~%]/g;

/** Hash and count of a path: `<hash>` with the count in the query, or the old `<count>/<hash>`. Throws `RestError`. */
export function hashAndCount(
  parts: readonly string[],
  { target }: RestRequest,
  form: string,
): readonly [hash: string, count: number] {
  if (parts.length > 2) throw badRequest(`Invalid URI format. Expected /rest/${form}.<ext>?count=<count>`);
  const count = parts.length === 2 ? parts[0]! : (queryField(target, "count") ?? HEADERS_COUNT_DEFAULT);
  return [parts.at(-1)!, countIn(count)];
}

/** The block of a hash. Throws `RestError` where there is none. */
export function knownEntry({ chain }: Pick<CoreRestDependencies, "chain">, hash: string): BlockIndexEntry {
  const entry = chain.find(hashIn<BlockHash>(hash));
  if (entry === undefined) throw notFound(`${hash} not found`);
  return entry;
}

/** The same where its data should be here. */
function storedEntry(deps: Pick<CoreRestDependencies, "chain">, hash: string): BlockIndexEntry {
  const entry = knownEntry(deps, hash);
  if (entry.hasData) return entry;
  throw notFound(`${hash} not available (${deps.chain.isPruned(entry) ? "pruned data" : "not fully downloaded"})`);
}

async function bytesOf(
  { chain }: Pick<CoreRestDependencies, "chain">,
  entry: BlockIndexEntry,
  hash: string,
): Promise<Uint8Array> {
  try {
    return await chain.readBlockBytes(entry);
  } catch (error) {
    if (error instanceof StorageError) throw new RestError(500, `I/O error reading ${hash}`);
    throw error;
  }
}
