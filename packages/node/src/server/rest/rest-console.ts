import { ApiError } from "@bitfleet/api/errors.ts";
import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import type { RestBody, RestData } from "@bitfleet/api/rest-routes.ts";
import { callLine, methodHelp } from "@bitfleet/api/rpc/rpc-help.ts";
import { paramSchema, resultSchemas } from "@bitfleet/api/rpc/rpc-json-schema.ts";
import { isTextOnCommandLine, isWalletMethod, rpcMethods } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { RpcMethod } from "@bitfleet/api/rpc/rpc-schema.ts";
import type { FastifyInstance } from "fastify";
import { shownBody } from "../access/audit-fields.ts";
import { isAllowed, type RpcWhitelist } from "../rpc/auth.ts";
import { runningNode } from "../web/web-state.ts";
import { answerConsole, consoleCallOf, namedParams, namesOfParams, shownUnknown } from "./console-call.ts";
import { type RouteContext, type RouteDependencies, route } from "./rest-route.ts";
import { FORWARDED_HEADER, IN_CIRCLES, type WalletForwarder } from "./wallet-forwarder.ts";

export interface ConsoleDependencies extends RouteDependencies {
  /** `-rpcwhitelist`: the names of keys are its users. */
  readonly rpcWhitelist?: RpcWhitelist | undefined;
  /** Whom calls of wallets are handed to where this node has none. */
  readonly walletNode: WalletForwarder | undefined;
}

/** What there is to call over JSON-RPC, for everybody; calling it, for who has an admin key. */
export function consoleRoutes(app: FastifyInstance, deps: ConsoleDependencies): void {
  let described: RpcMethodView[] | undefined;

  route(app, deps, "rpcMethods", () => {
    const isElsewhere = runningNode(deps.state).wallets === undefined;
    // Help of all methods is some work, and always the same.
    described ??= Object.entries<RpcMethod>(rpcMethods)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, method]) => methodView(name, method));
    if (!isElsewhere) return described;
    if (deps.walletNode === undefined) return described.filter(({ name }) => !isWalletMethod(name));
    return described.map((method) => ({ ...method, is_elsewhere: isWalletMethod(method.name) }));
  });

  route(app, deps, "callRpc", async (_params, _query, body, { request, reply, caller }) => {
    const { handlers } = runningNode(deps.state);
    const known = namesOfParams(body.method);
    request.auditedNames = known;
    request.auditedBody = shownUnknown(body.method);
    const user = caller.key?.name ?? "";
    if (!isAllowed(deps.rpcWhitelist, user, body.method))
      throw new ApiError(403, `-rpcwhitelist does not let the key "${user}" call ${body.method}.`);
    const walletNode = isWalletMethod(body.method) && !(body.method in handlers) ? deps.walletNode : undefined;
    const call = consoleCallOf(body, (name) => walletNode !== undefined || Object.hasOwn(handlers, name));
    request.auditedBody = { method: call.name, wallet: call.wallet, params: shownBody(namedParams(call), { known }) };
    if (walletNode !== undefined) return handedOn(walletNode, body, { request, reply });
    const departure = new AbortController();
    const leave = () => departure.abort();
    request.raw.socket.once("close", leave);
    try {
      return { result: await answerConsole(handlers, call, departure.signal) };
    } finally {
      request.raw.socket.off("close", leave);
    }
  });
}

async function handedOn(
  walletNode: WalletForwarder,
  body: RestBody<"callRpc">,
  { request, reply }: Pick<RouteContext, "request" | "reply">,
): Promise<RestData<"callRpc">> {
  if (request.headers[FORWARDED_HEADER] !== undefined) throw new ApiError(503, IN_CIRCLES);
  const setHeader = (name: string, value: string) => void reply.header(name, value);
  return (await walletNode.forwardRpc(body, String(request.id), setHeader)) as RestData<"callRpc">;
}

function methodView(name: string, method: RpcMethod): RpcMethodView {
  return {
    name,
    category: method.category,
    needs_wallet: isWalletMethod(name),
    is_elsewhere: false,
    call: callLine(name, method),
    help: methodHelp(name, method),
    params: method.params.map((param) => ({
      name: param.name,
      aliases: [...param.aliases],
      is_required: param.required,
      default_hint: param.defaultHint ?? null,
      is_text: isTextOnCommandLine(param),
      schema: paramSchema(param),
    })),
    results: resultSchemas(method),
    examples: method.examples.map((items) => [...items]),
  };
}
