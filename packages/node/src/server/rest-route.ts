import {
  type RestData,
  type RestParams,
  type RestQuery,
  type RestRouteName,
  restRoutes,
} from "@bitfleet/api/rest-routes.ts";
import type { FastifyInstance } from "fastify";
import { success } from "./envelope.ts";

/** Registers a route of the table: validated parameters in, data out, wrapped in the envelope. */
export function route<Name extends RestRouteName>(
  app: FastifyInstance,
  name: Name,
  answer: (params: RestParams<Name>, query: RestQuery<Name>) => Promise<RestData<Name>>,
): void {
  const { path, params, query } = restRoutes[name];
  app.get(path.replace(/\{(\w+)\}/g, ":$1"), { schema: { params, querystring: query } }, async (request) =>
    success(await answer(request.params as RestParams<Name>, request.query as RestQuery<Name>)),
  );
}
