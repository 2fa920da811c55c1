import { ADMIN_MIRROR } from "@bitfleet/api/rest/route.ts";
import { methodsAt } from "./route-methods.ts";

/** Characters of a path that an error shows. */
const PATH_SHOWN_MAX = 200;

const WALLETS_TEXT = "Wallets of the node are under /api/wallet, for who has a key of the role wallet";

/** Where people look who know another node's interface, or guess, and where that is here. Methods are told apart where it matters. */
const ELSEWHERE: readonly { readonly at: RegExp; readonly text: string }[] = [
  {
    at: /^GET \/api\/(v1|admin)\/wallet\/[^/]+(\/balance)?$/,
    text: `${WALLETS_TEXT}; what any address has is at /api/v1/addresses/{address}/balance.`,
  },
  {
    at: /^[A-Z]+ \/api\/(v1|admin)\/wallet(\/|$)/,
    text: `${WALLETS_TEXT}. For a wallet that keeps its keys there is /api/v1/watch.`,
  },
  {
    at: /^POST \/api\/(v1|admin)\/transactions$/,
    text: "A wallet of the node pays with POST /api/wallet/transactions; a transaction that is signed is sent with POST /api/v1/transactions/broadcast.",
  },
  {
    at: /^[A-Z]+ \/api\/(v1|admin)\/mining\/(start|stop|status)$/,
    text: "What the miner does is read at GET /api/v1/mining and changed with PUT /api/admin/mining.",
  },
  {
    at: /^[A-Z]+ \/api\/(v1|admin)\/mining\/(mine|generate)$/,
    text: "Blocks are made at once with POST /api/admin/mining/generatetoaddress.",
  },
  {
    at: /^[A-Z]+ \/api\/(v1|admin|wallet)\/health(\/|$)/,
    text: "Health is at /health, /health/live and /health/ready, for everybody.",
  },
  {
    at: /^[A-Z]+ \/api(\/v1|\/admin|\/wallet)?\/?$/,
    text: "There are routes below this, described at /swagger-ui and, for programs, at /api-docs/openapi.json.",
  },
];

/** The path as an error shows it, of a length that nobody makes long. */
const shown = (path: string) => path.slice(0, PATH_SHOWN_MAX);

/** What somebody is told who asks for `path`, where no method finds anything. */
export function noSuchPathText(method: string, path: string): string {
  return elsewhere(method, path) ?? `There is nothing at ${shown(path)}; /swagger-ui shows what there is.`;
}

/** What somebody is told who uses another method on a path than those that it has. */
export function otherMethodText(method: string, path: string, methods: readonly string[]): string {
  return elsewhere(method, path) ?? `That is not possible here: use ${methods.join(" or ")}.`;
}

function elsewhere(method: string, path: string): string | undefined {
  // Reading is open at the one place and changing takes a key at the other: whoever is at the wrong one is told.
  const twin = path.replace(ADMIN_MIRROR.from, ADMIN_MIRROR.to);
  if (twin !== path && methodsAt(twin).includes(method))
    return `That changes the node and takes an admin key: it is ${method} ${shown(twin)}.`;
  const asked = `${method === "HEAD" ? "GET" : method} ${path}`;
  return ELSEWHERE.find(({ at }) => at.test(asked))?.text;
}
