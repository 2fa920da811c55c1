import { addressRoutes } from "./rest/addresses.ts";
import { chainRoutes } from "./rest/chain.ts";
import { chainChartRoutes } from "./rest/chain-charts.ts";
import { consoleRoutes } from "./rest/console.ts";
import { feeRoutes } from "./rest/fees.ts";
import { inputTraceRoutes } from "./rest/input-trace.ts";
import { mempoolRoutes } from "./rest/mempool.ts";
import { messageRoutes } from "./rest/messages.ts";
import { miningRoutes } from "./rest/mining.ts";
import { networkRoutes } from "./rest/network.ts";
import { peerRoutes } from "./rest/peers.ts";
import { replacementRoutes } from "./rest/replacements.ts";
import type { RestRoute } from "./rest/route.ts";
import { searchRoutes } from "./rest/search.ts";
import { transactionRoutes } from "./rest/transactions.ts";
import { walletPaymentRoutes } from "./rest/wallet-payments.ts";
import { walletRoutes } from "./rest/wallets.ts";
import { watchRoutes } from "./rest/watch.ts";
import { watchPsbtRoutes } from "./rest/watch-psbt.ts";
import type { Static, TSchema } from "./schema.ts";

/**
 * Every route: those under /api/v1 are open to all and change nothing of the node, those under /api/wallet and /api/admin are for
 * who has a key of that role. Server, client and documentation come from this table.
 */
export const restRoutes = {
  ...chainRoutes,
  ...chainChartRoutes,
  ...transactionRoutes,
  ...inputTraceRoutes,
  ...replacementRoutes,
  ...mempoolRoutes,
  ...feeRoutes,
  ...miningRoutes,
  ...peerRoutes,
  ...networkRoutes,
  ...searchRoutes,
  ...addressRoutes,
  ...watchRoutes,
  ...watchPsbtRoutes,
  ...messageRoutes,
  ...walletRoutes,
  ...walletPaymentRoutes,
  ...consoleRoutes,
} as const satisfies Record<string, RestRoute>;

export type RestRouteName = keyof typeof restRoutes;
export type RestParams<Name extends RestRouteName> = RestTypes[Name]["params"];
export type RestQuery<Name extends RestRouteName> = RestTypes[Name]["query"];
export type RestBody<Name extends RestRouteName> = RestTypes[Name]["body"];
export type RestData<Name extends RestRouteName> = RestTypes[Name]["data"];

/**
 * The types of every route, worked out once and looked up by name. Worked out where they are used, for a name that is a type parameter
 * the compiler compares the schemas of all routes with each other, again and again.
 */
type RestTypes = { readonly [Name in RestRouteName]: TypesOf<(typeof restRoutes)[Name]> };

interface TypesOf<Row extends Pick<RestRoute, "params" | "query" | "data">> {
  readonly params: Static<Row["params"]>;
  readonly query: Static<Row["query"]>;
  readonly body: Row extends { readonly body: infer Body extends TSchema } ? Static<Body> : undefined;
  readonly data: Static<Row["data"]>;
}

/** Header that carries a key; `Authorization: Bearer` does as well. */
export const API_KEY_HEADER = "x-api-key";
