import { satsFromNumber } from "@bitfleet/api/amount.ts";
import { ApiError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { type JsonObject, parseJson, type RpcValue, toPlain, writeJson } from "@bitfleet/api/json.ts";
import type { RestRoute } from "@bitfleet/api/rest/route.ts";
import type { walletPaymentRoutes } from "@bitfleet/api/rest/wallet-payments.ts";
import type { walletRoutes } from "@bitfleet/api/rest/wallets.ts";
import {
  type RestBody,
  type RestData,
  type RestParams,
  type RestQuery,
  restRoutes,
} from "@bitfleet/api/rest-routes.ts";
import type { RpcMethodName, RpcParams } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { NodeWallet } from "../../wallets/node-wallet.ts";
import type { NodeWallets } from "../../wallets/node-wallets.ts";
import { type RunningWebNode, runningNode } from "../web/web-state.ts";
import { type RouteContext, type RouteDependencies, route } from "./rest-route.ts";
import { callHandler } from "./rpc-bridge.ts";
import { FORWARDED_HEADER, IN_CIRCLES, type WalletForwarder } from "./wallet-forwarder.ts";

/** What routes of wallets have in common: they are answered here, or by the node that has the wallets. */

export type WalletRouteName = keyof typeof walletRoutes | keyof typeof walletPaymentRoutes;

export interface WalletRouteDependencies extends RouteDependencies {
  /** Present where the wallets are another node's. */
  readonly walletNode: WalletForwarder | undefined;
}

const NO_WALLETS =
  "This node keeps no wallets: start it without -disablewallet, or name the node that does with -walletnodeurl (WALLET_NODE_URL).";
/** Core's words name the calls of JSON-RPC. */
const LOCKED = "The wallet is locked: POST /api/wallet/unlock takes its passphrase.";

const ownIsNotLoaded = (name: string) =>
  `The node's own wallet "${name}" is not loaded: POST /api/wallet/wallets/load loads it; or say which one is meant (wallet).`;

/** What a method answers, with amounts as numbers: `satsFromNumber` has them exact. */
// biome-ignore lint/suspicious/noExplicitAny: what it is, the method's table says
export type PlainAnswer = any;

/** The wallets of this node, and the one that a request is about. */
export class WalletCalls {
  readonly node: RunningWebNode;
  readonly wallets: NodeWallets;
  readonly #name: string | undefined;

  constructor(node: RunningWebNode, wallets: NodeWallets, name: string | undefined) {
    this.node = node;
    this.wallets = wallets;
    this.#name = name;
  }

  /** The same of the wallet of that name. */
  named(name: string): WalletCalls {
    return new WalletCalls(this.node, this.wallets, name);
  }

  /** Whether the wallet is meant where none is named. */
  isOwn(name: string): boolean {
    return this.wallets.own?.name === name;
  }

  /** The wallet that is named, else the node's own, else, where it has none, the only one. Throws `ApiError`. */
  get wallet(): NodeWallet {
    const { manager, own } = this.wallets;
    // Another try, when the node is back, finds them: 404 would say that it never does.
    if (manager.isStopping) throw new ApiError(503, "The node is stopping.");
    const name = this.#name ?? own?.name;
    if (name !== undefined) {
      const named = manager.get(name);
      if (named !== undefined) return named;
      // Another one is not meant, even if it is the only one: its coins would be spent, or others' paid into it.
      if (this.#name === undefined) throw new ApiError(404, ownIsNotLoaded(name));
      throw new ApiError(404, `No wallet "${name}" is loaded; GET /api/wallet/wallets lists those that there are.`);
    }
    const all = manager.all();
    const [only, ...others] = all;
    if (only === undefined) {
      throw new ApiError(
        404,
        "No wallet is loaded: POST /api/wallet/wallets makes one, and /api/wallet/wallets/load loads one.",
      );
    }
    if (others.length === 0) return only;
    const names = all.map((one) => `"${one.name}"`).join(", ");
    throw new ApiError(400, `Several wallets are loaded; say which (wallet): ${names}.`);
  }

  /** Throws `ApiError` where the private keys are locked: what cannot be signed would come back as a PSBT. */
  requireUnlocked(): void {
    if (this.wallet.isLocked) throw new ApiError(409, LOCKED);
  }

  /** Does what a method of JSON-RPC does, in the wallet that is meant. Rejects with `ApiError`. */
  async call<Name extends RpcMethodName>(
    name: Name,
    params: RpcParams<Name>,
    statuses: Readonly<Record<number, number>> = {},
  ): Promise<PlainAnswer> {
    const { wallet } = this;
    return this.#plain(name, params, statuses, wallet.name);
  }

  /** The same of a method that is about no wallet, or names one. */
  async callFree<Name extends RpcMethodName>(name: Name, params: RpcParams<Name>): Promise<PlainAnswer> {
    return this.#plain(name, params, {}, undefined);
  }

  async #plain<Name extends RpcMethodName>(
    name: Name,
    params: RpcParams<Name>,
    statuses: Readonly<Record<number, number>>,
    wallet: string | undefined,
  ): Promise<PlainAnswer> {
    const texts = { [RpcErrorCode.WALLET_UNLOCK_NEEDED]: LOCKED };
    return plainOf(await callHandler(this.node.handlers, name, params, { statuses, texts, wallet }));
  }
}

/** Satoshis of an amount that a method answers. */
export const satsOf = (coins: number): number => Number(satsFromNumber(coins));

/** Options of a method, of plain values. */
export function optionsOf(fields: object): JsonObject {
  return parseJson(writeJson(fields as RpcValue)) as JsonObject;
}

const plainOf = (value: RpcValue): PlainAnswer => toPlain(parseJson(writeJson(value)));

type WalletAnswer<Name extends WalletRouteName> = (request: {
  readonly params: RestParams<Name>;
  readonly query: RestQuery<Name>;
  readonly body: RestBody<Name>;
  readonly calls: WalletCalls;
}) => Promise<RestData<Name>> | RestData<Name>;

/** Registers a route of wallets, which `answer` answers where they are this node's. */
export function walletRoute<Name extends WalletRouteName>(
  app: FastifyInstance,
  deps: WalletRouteDependencies,
  name: Name,
  answer: WalletAnswer<Name>,
): void {
  route(app, deps, name, async (params, query, body, context) => {
    if (deps.walletNode !== undefined) return forwarded(name, context, deps.walletNode);
    const node = runningNode(deps.state);
    if (node.wallets === undefined) throw new ApiError(503, NO_WALLETS);
    // Of a call with a body it is among the fields of that.
    const { wallet } = { ...(query as object), ...(body as object | undefined) } as { readonly wallet?: string };
    return answer({ params, query, body, calls: new WalletCalls(node, node.wallets, wallet) });
  });
}

async function forwarded<Name extends WalletRouteName>(
  name: Name,
  { request, reply }: RouteContext,
  walletNode: WalletForwarder,
): Promise<RestData<Name>> {
  if (request.headers[FORWARDED_HEADER] !== undefined) throw new ApiError(503, IN_CIRCLES);
  const { method = "GET" }: RestRoute = restRoutes[name];
  const call = { method, url: urlOf(name, request), body: request.body ?? undefined, id: String(request.id) };
  return (await walletNode.forward(call, (header, value) => reply.header(header, value))) as RestData<Name>;
}

/** As the table has it, whatever form the caller's address had. */
function urlOf(name: WalletRouteName, { params, query }: FastifyRequest): string {
  const { path }: RestRoute = restRoutes[name];
  const fields = params as Readonly<Record<string, string>>;
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(fields[field]!));
  const search = new URLSearchParams(
    Object.entries(query as object).map(([field, value]): [string, string] => [field, String(value)]),
  );
  return search.size === 0 ? filled : `${filled}?${search}`;
}
