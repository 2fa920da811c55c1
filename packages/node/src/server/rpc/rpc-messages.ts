import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { decodeWif } from "@bitfleet/protocol/script/address.ts";
import { signMessage, verifyMessage } from "@bitfleet/wallet/signing/sign-message.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Calls that sign texts with the key of an address, and check such signatures. */
export function messageHandlers(deps: Pick<RpcDependencies, "chain">) {
  const { addressPrefixes } = deps.chain.network;

  return {
    signmessagewithprivkey: ({ privkey, message }) => {
      const key = decodeWif(privkey, addressPrefixes);
      if (key === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Invalid private key");
      return signMessage(message, key);
    },

    verifymessage: ({ address, signature, message }) => {
      const verdict = verifyMessage(address, signature, message, addressPrefixes);
      switch (verdict) {
        case "invalid-address":
          throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Invalid address");
        case "address-without-key":
          throw new RpcError(RpcErrorCode.TYPE_ERROR, "Address does not refer to key");
        case "malformed-signature":
          throw new RpcError(RpcErrorCode.TYPE_ERROR, "Malformed base64 encoding");
        default:
          return verdict === "valid";
      }
    },
  } satisfies Partial<RpcHandlers>;
}
