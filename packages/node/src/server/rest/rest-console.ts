import { ApiError } from "@bitfleet/api/errors.ts";
import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import { callLine, methodHelp } from "@bitfleet/api/rpc/rpc-help.ts";
import { paramSchema, resultSchemas } from "@bitfleet/api/rpc/rpc-json-schema.ts";
import { isTextOnCommandLine, isWalletMethod, rpcMethods } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { RpcMethod } from "@bitfleet/api/rpc/rpc-schema.ts";
import type { FastifyInstance } from "fastify";
import { shownBody } from "../access/audit-fields.ts";
import { isAllowed, type RpcWhitelist } from "../rpc/auth.ts";
import { runningNode } from "../web/web-state.ts";
import { answerConsole, consoleCallOf, namedParams } from "./console-call.ts";
import { type RouteDependencies, route } from "./rest-route.ts";

export interface ConsoleDependencies extends RouteDependencies {
  /** `-rpcwhitelist`: the names of keys are its users. */
  readonly rpcWhitelist?: RpcWhitelist | undefined;
}

/** What there is to call over JSON-RPC, for everybody; calling it, for who has an admin key. */
export function consoleRoutes(app: FastifyInstance, deps: ConsoleDependencies): void {
  let described: RpcMethodView[] | undefined;

  route(app, deps, "rpcMethods", () => {
    const hasWallets = runningNode(deps.state).wallets !== undefined;
    // Help of all methods is some work, and always the same.
    described ??= Object.entries<RpcMethod>(rpcMethods)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, method]) => methodView(name, method));
    return hasWallets ? described : described.filter(({ name }) => !isWalletMethod(name));
  });

  route(app, deps, "callRpc", async (_params, _query, body, { request, caller }) => {
    const { handlers } = runningNode(deps.state);
    const user = caller.key?.name ?? "";
    if (!isAllowed(deps.rpcWhitelist, user, body.method))
      throw new ApiError(403, `-rpcwhitelist does not let the key "${user}" call ${body.method}.`);
    const call = consoleCallOf(handlers, body);
    request.auditedBody = { method: call.name, wallet: call.wallet, params: shownBody(namedParams(call)) };
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

function methodView(name: string, method: RpcMethod): RpcMethodView {
  return {
    name,
    category: method.category,
    needs_wallet: isWalletMethod(name),
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
