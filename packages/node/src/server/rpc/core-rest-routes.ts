import type { Logger } from "../../ports.ts";
import type { RestAnswer, RestRequest } from "./core-rest-request.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Which calls Bitcoin Core's REST interface has. */

export interface CoreRestDependencies extends Pick<RpcDependencies, "chain" | "mempool" | "indexes" | "secp256k1"> {
  /** What shows the same facts in JSON-RPC. */
  readonly handlers: RpcHandlers;
  /** Told of what goes wrong here and is no caller's business. */
  readonly log?: Logger;
}

/** Answers one call. Rejects with `RestError`, and with `RpcError` where a call of JSON-RPC says why not. */
export type RestCall = (request: RestRequest) => RestAnswer | Promise<RestAnswer>;

/** Prefixes of paths in the order in which they are tried: a longer one before what begins it. */
export const REST_PREFIXES = [
  ...["/rest/tx/", "/rest/block/notxdetails/", "/rest/block/", "/rest/blockpart/", "/rest/blockfilter/"],
  ...["/rest/blockfilterheaders/", "/rest/chaininfo", "/rest/mempool/", "/rest/headers/", "/rest/getutxos"],
  ...["/rest/deploymentinfo/", "/rest/deploymentinfo", "/rest/blockhashbyheight/", "/rest/spenttxouts/"],
] as const;
export type RestPrefix = (typeof REST_PREFIXES)[number];

/** The call that a path and query are of; `undefined` where there is none. */
export function restPrefixOf(target: string): RestPrefix | undefined {
  return REST_PREFIXES.find((one) => target.startsWith(one));
}
