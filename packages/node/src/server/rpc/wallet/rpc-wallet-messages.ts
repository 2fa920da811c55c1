import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { signMessage } from "@bitfleet/wallet/signing/sign-message.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { requestedWallet, requireUnlocked } from "./requested-wallet.ts";
import { addressParam } from "./wallet-params.ts";

/** The call that signs a text with the wallet's key of an address. */
export function walletMessageHandlers(deps: Pick<RpcDependencies, "chain" | "wallets">) {
  return {
    signmessage: ({ address, message }, context) => {
      const wallet = requestedWallet(context, deps);
      requireUnlocked(wallet);
      const script = addressParam(address, deps.chain.network.addressPrefixes, "Invalid address");
      const template = templateOf(script);
      if (template.type !== "pubkeyhash") {
        throw new RpcError(RpcErrorCode.TYPE_ERROR, "Address does not refer to key");
      }
      const material = wallet.keychain.materialFor(script, { includePrivate: true });
      const key = material?.privateKeys.get(toHex(template.hash));
      if (key === undefined) throw new RpcError(RpcErrorCode.WALLET_ERROR, "Private key not available");
      return signMessage(message, key);
    },
  } satisfies Partial<RpcHandlers>;
}
