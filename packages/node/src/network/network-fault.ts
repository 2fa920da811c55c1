import { NetworkFault } from "../server/network-control.ts";
import { RpcError, RpcUnreachable } from "./rpc-client.ts";

/** Core's numbers of what is wrong with an argument: address or key, parameter, type. */
const ARGUMENT_CODES: readonly number[] = [-5, -8, -3];

/** What went wrong with a network, as those who asked for it are told; a mistake of ours stays what it is. */
export function networkFaultOf(error: unknown): unknown {
  if (error instanceof NetworkFault || !(error instanceof Error)) return error;
  const fault = (kind: NetworkFault["kind"], message = error.message) =>
    new NetworkFault(kind, message, { cause: error });
  if (error instanceof RangeError) return fault("value");
  if (error instanceof RpcUnreachable) return fault("unavailable");
  if (error instanceof RpcError) return fault(ARGUMENT_CODES.includes(error.code) ? "value" : "conflict");
  return error;
}
