import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { MULTISIG_KEYS_MAX, STACK_ITEM_SIZE_MAX } from "@bitfleet/protocol/script/script.ts";
import { payToMultisig, payToScriptHash, payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { type Descriptor, descriptorText, isRanged, isSolvable } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { splitChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { inferDescriptor } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { DerivationTurns } from "../../wallets/derivation-turns.ts";
import { addressOf } from "../transaction-json.ts";
import {
  COMPRESSED_KEY_SIZE,
  type DescriptorContext,
  descriptorParam,
  publicKeyParam,
  rangeParam,
  requireBoundedRange,
  scriptsAtIndex,
} from "./descriptor-params.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Calls about descriptors, and the addresses that they and sets of keys stand for. */
export function descriptorHandlers(deps: Pick<RpcDependencies, "chain" | "secp256k1">) {
  const context: DescriptorContext = {
    prefixes: deps.chain.network.addressPrefixes,
    secp256k1: deps.secp256k1,
  };

  return {
    getdescriptorinfo: ({ descriptor: text }) => {
      const { descriptors, secrets } = descriptorParam(text, context);
      const [first] = descriptors;
      const split = splitChecksum(text, false);
      return {
        descriptor: descriptorText(first),
        multipath_expansion: descriptors.length > 1 ? descriptors.map((one) => descriptorText(one)) : undefined,
        checksum: "checksum" in split ? split.checksum : "",
        isrange: isRanged(first),
        issolvable: isSolvable(first),
        hasprivatekeys: secrets.privateKeys.size > 0,
      };
    },

    deriveaddresses: async ({ descriptor: text, range }, { positional, signal }) => {
      const bounds = range === undefined ? { first: 0, last: 0 } : rangeParam(range);
      const parsed = descriptorParam(text, context, true);
      const { descriptors, secrets } = parsed;
      const hasRange = positional.length > 1;
      if (isRanged(descriptors[0]) !== hasRange) {
        const message = hasRange
          ? "Range should not be specified for an un-ranged descriptor"
          : "Range must be specified for a ranged descriptor";
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      requireBoundedRange(bounds, parsed);
      const turns = new DerivationTurns(text);
      const lists: (readonly string[])[] = [];
      for (const descriptor of descriptors) {
        const addresses: string[] = [];
        for (let index = bounds.first; index <= bounds.last; index++) {
          addresses.push(...addressesAt(descriptor, index, secrets, context));
          if (!turns.isDue()) continue;
          await turns.give();
          if (signal.aborted) throw new RpcError(RpcErrorCode.CLIENT_NOT_CONNECTED, "Shutting down");
        }
        if (addresses.length === 0) throw new RpcError(RpcErrorCode.MISC_ERROR, "Unexpected empty result");
        lists.push(addresses);
      }
      return lists.length === 1 ? lists[0]! : lists;
    },

    createmultisig: ({ nrequired: required, keys, address_type: type }) => {
      const publicKeys = keys.map((text) => publicKeyParam(text, context));
      requireAddressType(type);
      const script = multisigScript(required, publicKeys);
      // BIP143 knows compressed keys only.
      const kind = publicKeys.every(({ length }) => length === COMPRESSED_KEY_SIZE) ? type : "legacy";
      if (kind === "legacy" && script.length > STACK_ITEM_SIZE_MAX) {
        throw invalid(`redeemScript exceeds size limit: ${script.length} > ${STACK_ITEM_SIZE_MAX}`);
      }
      const material = new SigningMaterial();
      material.addScript(script);
      const output = outputOf(script, kind, material);
      return {
        address: encodeAddress(output, context.prefixes),
        redeemScript: toHex(script),
        descriptor: inferDescriptor(output, context, material),
        warnings: kind === type ? undefined : [OTHER_TYPE_WARNING],
      };
    },
  } satisfies Partial<RpcHandlers>;
}

const OTHER_TYPE_WARNING = "Unable to make chosen address type, please ensure no uncompressed public keys are present.";

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
const invalidKey = (message: string) => new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);

/** The addresses of a descriptor at an index. P2PK, which has none, is passed over where there are others. */
function addressesAt(
  descriptor: Descriptor,
  index: number,
  secrets: SigningMaterial,
  context: DescriptorContext,
): readonly string[] {
  const { scripts } = scriptsAtIndex(descriptor, index, secrets, context);
  const [first, ...others] = scripts.map((script) => addressOf(script, context));
  const addresses = first === undefined && others.length > 0 ? others : [first, ...others].slice(0, scripts.length);
  return addresses.map((address) => {
    if (address === undefined) throw invalidKey("Descriptor does not have a corresponding address");
    return address;
  });
}

function requireAddressType(type: string): void {
  if (type === "bech32m") throw invalidKey("createmultisig cannot create bech32m multisig addresses");
  if (type !== "legacy" && type !== "p2sh-segwit" && type !== "bech32") {
    throw invalidKey(`Unknown address type '${type}'`);
  }
}

function multisigScript(required: number, publicKeys: readonly Uint8Array[]): Uint8Array {
  const count = publicKeys.length;
  if (required < 1) throw invalid("a multisignature address must require at least one key to redeem");
  if (count < required) {
    throw invalid(`not enough keys supplied (got ${count} keys, but need at least ${required} to redeem)`);
  }
  if (count > MULTISIG_KEYS_MAX) {
    const message = `Number of keys involved in the multisignature address creation > ${MULTISIG_KEYS_MAX}`;
    throw invalid(`${message}\nReduce the number`);
  }
  return payToMultisig(required, publicKeys);
}

function outputOf(script: Uint8Array, type: string, material: SigningMaterial): Uint8Array {
  if (type === "legacy") return payToScriptHash(hash160(script));
  const witness = payToWitnessScriptHash(sha256(script));
  if (type === "bech32") return witness;
  material.addScript(witness);
  return payToScriptHash(hash160(witness));
}
