import { Integer, Object as ObjectOf, Optional, String as StringType } from "typebox";
import type { TSchema } from "../schema.ts";

/** What a route of the HTTP API is: one row of the tables beside this file, from which server, client and documentation are made. */

/**
 * Who may call a route that is not open to everybody: whoever sends a key of that role. An admin key also opens what is for the
 * role wallet.
 */
export type ApiRole = "wallet" | "admin";

/** Under which heading the documentation shows a route. */
export type RouteTag =
  | "chain"
  | "transactions"
  | "mempool"
  | "addresses"
  | "self-custody"
  | "wallets"
  | "mining"
  | "peers"
  | "network"
  | "search"
  | "console"
  | "health"
  | "events";

export interface RestRoute {
  /** GET where absent. */
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Open to everybody where absent. */
  readonly role?: ApiRole;
  readonly path: string;
  readonly tag: RouteTag;
  readonly summary: string;
  /** More than the summary, for the documentation. */
  readonly description?: string;
  /** Fields of the path, written `{name}` in `path`. */
  readonly params: TSchema;
  readonly query: TSchema;
  /** Of the JSON in the request, where there is any. */
  readonly body?: TSchema;
  /** Bytes that the body may have; {@link BODY_BYTES_DEFAULT} where absent. */
  readonly bodyBytesMax?: number;
  /** Fields of the body that no log ever shows, beside those whose names say so (passphrase, mnemonic, private_key, …). */
  readonly secretFields?: readonly string[];
  readonly data: TSchema;
  /**
   * Status codes other than 200 that the route itself answers. Those that every route of its kind may answer (401 and 403 with a
   * role, 413 and 415 with a body, 429 and 500) need not be among them.
   */
  readonly failures: readonly number[];
  /**
   * For a small answer that is asked for often: it is kept ready for whoever asks next, for a second at most, while that part of the
   * node is unchanged. `chain` is the active chain; `node` is that, the mempool, the best header and the number of peers.
   */
  readonly keptWhile?: "chain" | "node";
  /** A POST that does no harm when it is sent twice, so that the client may try again. */
  readonly isRepeatable?: true;
  /** A request that the documentation shows, field by field. */
  readonly example?: {
    readonly params?: Readonly<Record<string, unknown>>;
    readonly query?: Readonly<Record<string, unknown>>;
    readonly body?: Readonly<Record<string, unknown>>;
  };
}

/** What is read under /api/v1 may be read under the other prefix as well, by who has the key: programs made for one prefix need no other. */
export const ADMIN_MIRROR = { from: "/api/v1/", to: "/api/admin/" } as const;

/** A route that answers under {@link ADMIN_MIRROR} too. */
export const isMirrored = ({ method = "GET", role, path }: RestRoute) =>
  method === "GET" && role === undefined && path.startsWith(ADMIN_MIRROR.from);

/** Bodies are a few short fields. */
export const BODY_BYTES_DEFAULT = 1024;

export const NoFields = ObjectOf({});

/** Most items one page of a list holds. */
export const PAGE_LIMIT_MAX = 100;
export const PAGE_LIMIT_DEFAULT = 10;

/** Characters of a cursor. */
export const CURSOR_LENGTH_MAX = 256;

/** Which page of a list, counted from 0. */
export const PageQuery = ObjectOf({
  page: Optional(Integer({ minimum: 0, maximum: 1_000_000_000, default: 0, description: "Page, counted from 0" })),
  limit: Optional(
    Integer({
      minimum: 1,
      maximum: PAGE_LIMIT_MAX,
      default: PAGE_LIMIT_DEFAULT,
      description: "Most items of the page",
    }),
  ),
});
export const LimitQuery = ObjectOf({
  limit: Optional(
    Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT, description: "Most items" }),
  ),
});
export const BlockParams = ObjectOf({
  block: StringType({
    pattern: "^([0-9a-fA-F]{64}|[0-9]{1,9})$",
    description: "Hash of a block, or its height in the active chain",
  }),
});

/**
 * Which part of a list that grows at its head: a cursor goes on behind the last item of the part before it, whatever has come
 * meanwhile.
 */
export const CursorQuery = ObjectOf({
  cursor: Optional(
    StringType({
      maxLength: CURSOR_LENGTH_MAX,
      pattern: "^[A-Za-z0-9._~-]+$",
      description: "`next_cursor` of the part before; absent for the newest items",
    }),
  ),
  limit: Optional(
    Integer({
      minimum: 1,
      maximum: PAGE_LIMIT_MAX,
      default: PAGE_LIMIT_DEFAULT,
      description: "Most items of this part",
    }),
  ),
});
