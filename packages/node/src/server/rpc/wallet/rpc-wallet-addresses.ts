import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { descriptorText, isSolvable } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { inferredDescriptor } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import { formatKeyPath } from "@bitfleet/wallet/keys/keys.ts";
import type { AddressPurpose } from "@bitfleet/wallet/ledger/address-book.ts";
import { addressGroupsOf } from "@bitfleet/wallet/ledger/address-groups.ts";
import { addressBalancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import { scriptKey } from "@bitfleet/wallet/ledger/change-set.ts";
import { isChangeScript } from "@bitfleet/wallet/ledger/transaction-amounts.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import {
  type GivenAddress,
  nameAddress,
  newChangeAddress,
  newReceiveAddress,
  refillKeypool,
} from "../../../wallets/wallet-addresses.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { addressDescription, originOfAddress } from "./address-description.ts";
import { labelParam, requestedWallet, requireUnlocked, walletsOf } from "./requested-wallet.ts";
import { compareTexts, descriptorTextOf, labelOf, namedAddresses } from "./wallet-json.ts";
import { addressParam, addressTypeParam } from "./wallet-params.ts";

const PURPOSES: readonly AddressPurpose[] = ["receive", "send", "refund"];
/** As ranges of descriptors: more would be derived for hours. */
const KEYPOOL_SIZE_MAX = 1_000_000;
/** Nobody knows the hash of the seed behind a descriptor. */
const NO_SEED_ID = "00".repeat(20);

/** Calls that give out addresses, and tell and change what is known of them. */
export function walletAddressHandlers(deps: RpcDependencies) {
  const prefixes = deps.chain.network.addressPrefixes;

  return {
    getnewaddress: ({ label, address_type: type }, context) => {
      const wallet = requestedWallet(context, deps);
      requireKeys(wallet, false);
      const name = labelParam(label);
      const addressType = addressTypeParam(type, walletsOf(deps).config.addressType);
      return addressText(newReceiveAddress(wallet, addressType, name));
    },

    getrawchangeaddress: ({ address_type: type }, context) => {
      const wallet = requestedWallet(context, deps);
      requireKeys(wallet, true);
      const { addressType, changeType } = walletsOf(deps).config;
      return addressText(newChangeAddress(wallet, addressTypeParam(type, changeType ?? addressType)));
    },

    setlabel: ({ address, label }, context) => {
      const wallet = requestedWallet(context, deps);
      const script = addressParam(address, prefixes);
      const name = labelParam(label);
      const isOwn = wallet.keychain.ownerOf(script) !== undefined;
      nameAddress(wallet, script, name, isOwn ? "receive" : "send");
      return null;
    },

    getaddressesbylabel: ({ label }, context) => {
      const wallet = requestedWallet(context, deps);
      const name = labelParam(label);
      const found = namedAddresses(wallet).filter((entry) => entry.label === name);
      if (found.length === 0) {
        const message = `No addresses with label ${name}`;
        throw new RpcError(RpcErrorCode.WALLET_INVALID_LABEL_NAME, message);
      }
      return Object.fromEntries(
        found.map(({ script, purpose = "unknown" }) => [encodeAddress(script, prefixes)!, { purpose }]),
      );
    },

    listlabels: ({ purpose: text = "" }, context) => {
      const wallet = requestedWallet(context, deps);
      const purpose = PURPOSES.find((known) => known === text);
      if (purpose === undefined && text !== "") {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, UNKNOWN_PURPOSE);
      }
      const wanted = namedAddresses(wallet).filter((entry) => purpose === undefined || entry.purpose === purpose);
      return [...new Set(wanted.map(({ label }) => label!))].sort(compareTexts);
    },

    getaddressinfo: ({ address: text }, context) => {
      const wallet = requestedWallet(context, deps);
      const decoded = decodeAddress(text, prefixes);
      if ("error" in decoded) {
        throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, decoded.error || "Invalid address");
      }
      return addressInfo(wallet, decoded.script);
    },

    listaddressgroupings: (_params, context) => {
      const wallet = requestedWallet(context, deps);
      const balances = addressBalancesOf(wallet.ledger, wallet.queryContext());
      return addressGroupsOf(wallet.ledger).map((group) =>
        group.map((script) => {
          const label = labelOf(wallet, script);
          const balance = amountNumber(balances.get(scriptKey(script)) ?? 0n);
          return [encodeAddress(script, prefixes)!, balance, ...(label === undefined ? [] : [label])];
        }),
      );
    },

    keypoolrefill: async ({ newsize: size = 0 }, context) => {
      const wallet = requestedWallet(context, deps);
      if (size < 0 || size > KEYPOOL_SIZE_MAX) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Invalid parameter, expected valid size.");
      }
      requireUnlocked(wallet);
      await refillKeypool(wallet, size === 0 ? wallet.keychain.lookAhead : size, context.signal);
      const unused = wallet.keychain.activeSources().reduce((sum, { unusedCount }) => sum + unusedCount, 0);
      if (unused < size) throw new RpcError(RpcErrorCode.WALLET_ERROR, "Error refreshing keypool.");
      return null;
    },
  } satisfies Partial<RpcHandlers>;

  function addressText(given: GivenAddress | { readonly error: string }): string {
    if ("error" in given) throw new RpcError(RpcErrorCode.WALLET_KEYPOOL_RAN_OUT, given.error);
    return encodeAddress(given.script, prefixes)!;
  }

  function addressInfo(wallet: NodeWallet, script: Uint8Array): RpcValue {
    const { keychain, ledger } = wallet;
    const context = { prefixes, secp256k1: deps.secp256k1 };
    const owner = keychain.ownerOf(script);
    const material = keychain.materialFor(script, { includePrivate: false });
    const descriptor = material && inferredDescriptor(script, context, material);
    const label = labelOf(wallet, script);
    return {
      address: encodeAddress(script, prefixes)!,
      scriptPubKey: toHex(script),
      ismine: owner !== undefined,
      solvable: descriptor !== undefined && isSolvable(descriptor),
      desc: descriptor && isSolvable(descriptor) ? descriptorText(descriptor) : undefined,
      parent_desc: owner && descriptorTextOf(keychain.source(owner.descriptorId), wallet),
      iswatchonly: false,
      ...addressDescription(script, material, context),
      ischange: owner !== undefined && isChangeScript(ledger, script),
      ...(owner && material && keyJson(script, material, keychain.source(owner.descriptorId).record.createdAt)),
      labels: label === undefined ? [] : [label],
    };
  }
}

const UNKNOWN_PURPOSE = "Invalid 'purpose' argument, must be a known purpose string, typically 'send', or 'receive'.";

function requireKeys({ keychain }: NodeWallet, isInternal: boolean): void {
  if (keychain.canGiveAny(isInternal)) return;
  throw new RpcError(RpcErrorCode.WALLET_ERROR, "Error: This wallet has no available keys");
}

/** Where the key of an address comes from. */
function keyJson(script: Uint8Array, material: SigningMaterial, createdAt: number): Record<string, RpcValue> {
  const origin = originOfAddress(script, material);
  if (origin === undefined) return {};
  return {
    timestamp: createdAt,
    hdkeypath: `m${formatKeyPath(origin.path)}`,
    hdseedid: NO_SEED_ID,
    hdmasterfingerprint: toHex(origin.fingerprint),
  };
}
