import { ApiError } from "@bitfleet/api/errors.ts";
import { TRANSACTION_HEX_MAX } from "@bitfleet/api/rest/transactions.ts";
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import type { Logger } from "../../ports.ts";
import type { WebState } from "../web/web-state.ts";
import { addressRoutes } from "./esplora-addresses.ts";
import { esploraRouteOf } from "./esplora-answer.ts";
import { blockRoutes } from "./esplora-blocks.ts";
import { mempoolRoutes } from "./esplora-mempool.ts";
import { transactionRoutes } from "./esplora-transactions.ts";

/** Where Esplora's routes are: clients are given this as their server's address. */
export const ESPLORA_PREFIX = "/esplora";

/** Two of the largest transactions, in hex. */
const BODY_BYTES_MAX = 2 * TRANSACTION_HEX_MAX + 1024;

/**
 * The HTTP interface of Blockstream's Esplora, for wallets that speak it (BDK, and what is built on it): the same paths and fields, answers
 * without an envelope, errors as a line of text.
 */
export async function esploraRoutes(
  app: FastifyInstance,
  deps: { readonly state: WebState; readonly log: Logger },
): Promise<void> {
  await app.register(
    async (scope) => {
      // Whatever the type is said to be, as clients differ: it is text.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
      scope.setErrorHandler((error: FastifyError, request, reply) => {
        const status = error instanceof ApiError ? error.status : (error.statusCode ?? 500);
        if (status >= 500 && !(error instanceof ApiError))
          deps.log.error("a request failed where it must not", { path: request.url, stack: error.stack });
        const text = status === 500 ? "Something is wrong in the node; its log has more" : error.message;
        return reply.code(status).type("text/plain; charset=utf-8").send(text);
      });
      const refuse = (_request: unknown, reply: FastifyReply) =>
        reply.code(404).type("text/plain; charset=utf-8").send("endpoint does not exist");
      scope.setNotFoundHandler(refuse);
      // The page answers every other path that is read: a wallet would take it for its answer.
      scope.get("/", refuse);
      scope.get("/*", refuse);
      const route = esploraRouteOf(scope, deps.state, BODY_BYTES_MAX);
      blockRoutes(route);
      transactionRoutes(route);
      mempoolRoutes(route);
      addressRoutes(route);
    },
    { prefix: ESPLORA_PREFIX },
  );
}
