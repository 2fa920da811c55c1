import type { RpcValue } from "@bitfleet/api/json.ts";
import type { RpcMethodName, RpcParams } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { answerIn, badRequest, hashIn, queryField, type RestForms, splitFormat } from "./core-rest-request.ts";
import type { CoreRestDependencies, RestCall, RestPrefix } from "./core-rest-routes.ts";
import type { RpcCallContext, RpcHandlers } from "./rpc-dependencies.ts";

/** Chain and mempool at a glance, as the calls of JSON-RPC show them. */
export function restInfoRoutes({ chain, handlers }: CoreRestDependencies) {
  const call = callOf(handlers);
  const deployments: RestCall = ({ rest }) => {
    const { path, format } = splitFormat(rest);
    return answerIn(format, {
      json: () => {
        if (path === "") return call("getdeploymentinfo", { blockhash: undefined });
        if (chain.find(hashIn<BlockHash>(path)) === undefined) throw badRequest("Block not found");
        return call("getdeploymentinfo", { blockhash: path });
      },
    });
  };

  return {
    "/rest/chaininfo": ({ rest }) => answerIn(splitFormat(rest).format, { json: () => call("getblockchaininfo", {}) }),

    "/rest/deploymentinfo": deployments,
    "/rest/deploymentinfo/": deployments,

    "/rest/mempool/": ({ target, rest }) => {
      const { path, format } = splitFormat(rest);
      const forms = MEMPOOL_FORMS.get(path);
      if (forms === undefined) throw badRequest("Invalid URI format. Expected /rest/mempool/<info|contents>.json");
      return answerIn(format, forms(handlers, target));
    },
  } satisfies Partial<Record<RestPrefix, RestCall>>;
}

const MEMPOOL_FORMS: ReadonlyMap<string, (handlers: RpcHandlers, target: string) => RestForms> = new Map([
  ["info", (handlers) => ({ json: () => callOf(handlers)("getmempoolinfo", {}) })],
  [
    "contents",
    (handlers, target) => ({
      json: () => {
        const verbose = flagIn(target, "verbose", "true");
        const withSequence = flagIn(target, "mempool_sequence", "false");
        if (verbose && withSequence) {
          const hint = '(hint: set "verbose=false")';
          throw badRequest(`Verbose results cannot contain mempool sequence values. ${hint}`);
        }
        return callOf(handlers)("getrawmempool", { verbose, mempool_sequence: withSequence });
      },
    }),
  ],
]);

function flagIn(target: string, name: string, absent: "true" | "false"): boolean {
  const text = queryField(target, name) ?? absent;
  if (text === "true" || text === "false") return text === "true";
  throw badRequest(`The "${name}" query parameter must be either "true" or "false".`);
}

/** Calls a method of JSON-RPC from inside. */
export function callOf(handlers: RpcHandlers) {
  return <Name extends RpcMethodName>(name: Name, params: RpcParams<Name>): RpcValue | Promise<RpcValue> =>
    handlers[name](params, CONTEXT);
}

const CONTEXT: RpcCallContext = {
  wallet: undefined,
  positional: [],
  signal: new AbortController().signal,
  activeCalls: () => [],
};
