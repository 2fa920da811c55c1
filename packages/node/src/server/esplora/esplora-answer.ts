import { ApiError } from "@bitfleet/api/errors.ts";
import { type BlockHash, displayHash, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import { type RunningWebNode, runningNode, type WebState } from "../web/web-state.ts";

/** How routes of Esplora read what they are asked, and answer: text, bytes or JSON without an envelope. */

export interface EsploraCall {
  readonly node: RunningWebNode;
  /** A field of the path; "" where there is none. */
  readonly param: (name: string) => string;
  readonly query: (name: string) => string | undefined;
  readonly body: string;
  readonly reply: FastifyReply;
}

/** Text goes as text, bytes as bytes, all else as JSON. */
export type EsploraAnswer = string | Uint8Array | object | readonly unknown[];

/** Registers what answers a path, with `:name` for its fields. */
export type EsploraRoute = (
  path: string,
  answer: (call: EsploraCall) => EsploraAnswer | Promise<EsploraAnswer>,
  method?: "GET" | "POST",
) => void;

export function esploraRouteOf(app: FastifyInstance, state: WebState, bodyLimit: number): EsploraRoute {
  return (path, answer, method = "GET") => {
    app.route({
      method,
      url: path,
      bodyLimit,
      handler: async (request, reply) => {
        const params = request.params as Readonly<Record<string, string>>;
        const query = request.query as Readonly<Record<string, unknown>>;
        const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);
        const data = await answer({
          node: runningNode(state),
          param: (name) => params[name] ?? "",
          query: (name) => textOf(query[name]),
          body: textOf(request.body) ?? "",
          reply,
        });
        if (typeof data === "string") return reply.type("text/plain; charset=utf-8").send(data);
        if (data instanceof Uint8Array) return reply.type("application/octet-stream").send(Buffer.from(data));
        return reply.send(data);
      },
    });
  };
}

export const notFound = (what: string) => new ApiError(404, `${what} not found`);
export const badRequest = (what: string) => new ApiError(400, what);

/** Throws `ApiError` where it is no id. */
export function txidOf(text: string): Txid {
  const txid = parseDisplayHash<Txid>(text);
  if (txid === undefined) throw badRequest("Invalid hex string");
  return txid;
}

/** A number of the path. Throws `ApiError` where it is none. */
export function numberOf(text: string, name: string): number {
  if (!/^\d{1,10}$/.test(text)) throw badRequest(`Invalid ${name}`);
  return Number(text);
}

/** Any block whose header is known. Throws `ApiError` where it is not. */
export function blockOf(chain: Pick<Chain, "find">, text: string): BlockIndexEntry {
  const hash = parseDisplayHash<BlockHash>(text);
  if (hash === undefined) throw badRequest("Invalid hex string");
  const entry = chain.find(hash);
  if (entry === undefined) throw notFound("Block");
  return entry;
}

/** A block whose transactions are here. */
export function storedBlockOf(chain: Pick<Chain, "find">, text: string): BlockIndexEntry {
  const entry = blockOf(chain, text);
  if (!entry.hasData) throw notFound("Block");
  return entry;
}

export const hashTextOf = (entry: BlockIndexEntry) => displayHash(entry.hash);
