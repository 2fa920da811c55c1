import { ApiError, RpcError, RpcErrorCode, type RpcFailureText } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import type { RpcMethodName, RpcParams } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { RpcHandler, RpcHandlers } from "../rpc/rpc-dependencies.ts";
import { asSentence } from "../web/envelope.ts";

/** Statuses that say what the codes of JSON-RPC do. What is not here is 400: the caller asked for something impossible. */
const STATUSES: ReadonlyMap<number, number> = new Map([
  [RpcErrorCode.CLIENT_NODE_NOT_ADDED, 404],
  [RpcErrorCode.CLIENT_NODE_NOT_CONNECTED, 404],
  [RpcErrorCode.CLIENT_NODE_ALREADY_ADDED, 409],
  [RpcErrorCode.CLIENT_NODE_CAPACITY_REACHED, 409],
  [RpcErrorCode.VERIFY_ALREADY_IN_UTXO_SET, 409],
  [RpcErrorCode.VERIFY_ERROR, 422],
  [RpcErrorCode.VERIFY_REJECTED, 422],
  [RpcErrorCode.CLIENT_P2P_DISABLED, 503],
  [RpcErrorCode.IN_WARMUP, 503],
  [RpcErrorCode.INTERNAL_ERROR, 500],
  [RpcErrorCode.WALLET_NOT_FOUND, 404],
  [RpcErrorCode.WALLET_ERROR, 409],
  [RpcErrorCode.WALLET_INSUFFICIENT_FUNDS, 409],
  [RpcErrorCode.WALLET_KEYPOOL_RAN_OUT, 409],
  [RpcErrorCode.WALLET_UNLOCK_NEEDED, 409],
  [RpcErrorCode.WALLET_WRONG_ENC_STATE, 409],
  [RpcErrorCode.WALLET_ENCRYPTION_FAILED, 409],
  [RpcErrorCode.WALLET_ALREADY_LOADED, 409],
  [RpcErrorCode.WALLET_ALREADY_EXISTS, 409],
]);

export interface BridgeOptions {
  /** Statuses of the method's own codes that mean something else here. */
  readonly statuses?: Readonly<Record<number, number>>;
  /** What is said for a code in place of the method's reason. */
  readonly texts?: Readonly<Record<number, string>>;
  /** The wallet that the call is about. */
  readonly wallet?: string | undefined;
}

/**
 * Does what a method of JSON-RPC does, so that both interfaces go by the same rules. `params` by name, all that have no default
 * given. Rejects with `ApiError` for every refusal: the method's reason as a sentence.
 */
export async function callHandler<Name extends RpcMethodName>(
  handlers: RpcHandlers,
  name: Name,
  params: RpcParams<Name>,
  options: BridgeOptions = {},
): Promise<RpcValue> {
  try {
    return await (handlers[name] as RpcHandler<Name>)(params, { ...CONTEXT, wallet: options.wallet });
  } catch (error) {
    throw refusalOf(error, options);
  }
}

/** The refusal of a method as one of a route; what is none stays what it is. */
export function refusalOf(error: unknown, { statuses = {}, texts = {} }: Omit<BridgeOptions, "wallet"> = {}): unknown {
  if (!(error instanceof RpcError)) return error;
  const reason = texts[error.code] ?? error.message.replace(/^Error: /, "");
  return new ApiError(statuses[error.code] ?? STATUSES.get(error.code) ?? 400, asSentence(reason));
}

/** A failure of JSON-RPC with the status that says the same. */
export function apiErrorOf(code: number, reason: string, rpc: RpcFailureText): ApiError {
  const status = code === RpcErrorCode.METHOD_NOT_FOUND ? 404 : (STATUSES.get(code) ?? 400);
  return new ApiError(status, asSentence(reason), { rpc });
}

const CONTEXT = {
  positional: [],
  signal: new AbortController().signal,
  activeCalls: () => [],
} as const;
