import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { ADDRESS_TYPES, type AddressType } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";

/** Parameters that several calls of wallets take, refused in Core's words. */

/** The script of an address; `refusal` is what is answered where it is none. */
export function addressParam(text: string, prefixes: AddressPrefixes, refusal = "Invalid Bitcoin address"): Uint8Array {
  const decoded = decodeAddress(text, prefixes);
  if ("script" in decoded) return decoded.script;
  throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, refusal);
}

/** `byDefault` where none is given. */
export function addressTypeParam(text: string | undefined, byDefault: AddressType): AddressType {
  if (text === undefined) return byDefault;
  const type = ADDRESS_TYPES.find((known) => known === text);
  if (type !== undefined) return type;
  throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, `Unknown address type '${text}'`);
}

/** Whether coins of used addresses are to be left out: where nothing is given, where the wallet sets them apart. */
export function avoidReuseParam(wallet: NodeWallet, given: boolean | undefined): boolean {
  const canAvoid = wallet.has(WalletFlag.avoidReuse);
  if (given === true && !canAvoid) {
    const message = 'wallet does not have the "avoid reuse" feature enabled';
    throw new RpcError(RpcErrorCode.WALLET_ERROR, message);
  }
  return given ?? canAvoid;
}
