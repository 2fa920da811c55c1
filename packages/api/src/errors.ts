/** JSON-RPC error codes, as clients of Bitcoin Core know them. */
export const RpcErrorCode = {
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
  PARSE_ERROR: -32700,

  /** Anything that has no code of its own; also wrong parameter counts, with the method's help. */
  MISC_ERROR: -1,
  FORBIDDEN_BY_SAFE_MODE: -2,
  TYPE_ERROR: -3,
  WALLET_ERROR: -4,
  INVALID_ADDRESS_OR_KEY: -5,
  WALLET_INSUFFICIENT_FUNDS: -6,
  OUT_OF_MEMORY: -7,
  INVALID_PARAMETER: -8,
  CLIENT_NOT_CONNECTED: -9,
  CLIENT_IN_INITIAL_DOWNLOAD: -10,
  WALLET_INVALID_LABEL_NAME: -11,
  WALLET_KEYPOOL_RAN_OUT: -12,
  WALLET_UNLOCK_NEEDED: -13,
  WALLET_PASSPHRASE_INCORRECT: -14,
  WALLET_WRONG_ENC_STATE: -15,
  WALLET_ENCRYPTION_FAILED: -16,
  WALLET_ALREADY_UNLOCKED: -17,
  WALLET_NOT_FOUND: -18,
  WALLET_NOT_SPECIFIED: -19,
  DATABASE_ERROR: -20,
  DESERIALIZATION_ERROR: -22,
  CLIENT_NODE_ALREADY_ADDED: -23,
  CLIENT_NODE_NOT_ADDED: -24,
  VERIFY_ERROR: -25,
  VERIFY_REJECTED: -26,
  VERIFY_ALREADY_IN_UTXO_SET: -27,
  IN_WARMUP: -28,
  CLIENT_NODE_NOT_CONNECTED: -29,
  CLIENT_INVALID_IP_OR_SUBNET: -30,
  CLIENT_P2P_DISABLED: -31,
  METHOD_DEPRECATED: -32,
  CLIENT_MEMPOOL_DISABLED: -33,
  CLIENT_NODE_CAPACITY_REACHED: -34,
  WALLET_ALREADY_LOADED: -35,
  WALLET_ALREADY_EXISTS: -36,
  LIMIT_EXCEEDED: -37,
} as const;
export type RpcErrorCode = (typeof RpcErrorCode)[keyof typeof RpcErrorCode];

/** An answer that is an error: thrown by handlers and by the client, written by the server. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "RpcError";
    this.code = code;
  }
}

/** What went wrong with a request, for programs that go on by it. */
export type ApiErrorKind =
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "invalid"
  | "conflict"
  | "rate-limited"
  | "unavailable"
  | "timeout"
  | "network"
  /** An answer that is longer than what is read of one. */
  | "too-long"
  | "unexpected";

/** Code and message of a call of JSON-RPC, as Bitcoin Core has them. */
export interface RpcFailureText {
  readonly code: number;
  readonly message: string;
}

/** What a client knows of a failure besides its status. */
export interface ApiErrorDetails {
  /** Where it is not what the status says: no answer came, or none in the envelope. */
  readonly kind?: ApiErrorKind;
  /** Name of the route in the table. */
  readonly route?: string;
  /** By which the node's log has the request. */
  readonly requestId?: string | undefined;
  /** How long the node asks to wait before the next try. */
  readonly retryAfterMs?: number | undefined;
  /** Of a call of JSON-RPC that failed. */
  readonly rpc?: RpcFailureText | undefined;
}

/**
 * Answers of the HTTP API other than success: the status of the response (0 where none came) and the sentence in the envelope.
 * Thrown by the routes and by the client.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly kind: ApiErrorKind;
  readonly route: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly rpc: RpcFailureText | undefined;

  constructor(status: number, message: string, { kind, route, requestId, retryAfterMs, rpc }: ApiErrorDetails = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.kind = kind ?? kindOf(status);
    this.route = route;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
    this.rpc = rpc;
  }
}

function kindOf(status: number): ApiErrorKind {
  switch (status) {
    case 0:
      return "network";
    case 400:
    case 413:
    case 415:
    case 422:
      return "invalid";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
    case 410:
      return "not-found";
    case 409:
      return "conflict";
    case 429:
      return "rate-limited";
    case 502:
    case 503:
    case 504:
      return "unavailable";
    default:
      return "unexpected";
  }
}
