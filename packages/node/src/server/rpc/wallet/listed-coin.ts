import { amountNumber } from "@bitfleet/api/amount.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { ripemd160 } from "@bitfleet/protocol/crypto/hash.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { descriptorText, isSolvable } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { inferredDescriptor } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import { maxSatisfactionWeight } from "@bitfleet/wallet/descriptors/satisfaction-weight.ts";
import type { AvailableCoin } from "@bitfleet/wallet/ledger/available-coins.ts";
import { isUsedAddress } from "@bitfleet/wallet/ledger/trust.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";
import { addressOf } from "../../transaction-json.ts";
import { totalsOf } from "../mempool-json.ts";
import type { RpcDependencies } from "../rpc-dependencies.ts";
import { labelOf, parentDescriptors } from "./wallet-json.ts";

/** An entry of `listunspent`. */
export function listedCoinJson(
  wallet: NodeWallet,
  { coin, depth, isSafe }: AvailableCoin,
  deps: Pick<RpcDependencies, "chain" | "mempool" | "secp256k1">,
): RpcValue {
  const context = { prefixes: deps.chain.network.addressPrefixes, secp256k1: deps.secp256k1 };
  const { script, outPoint } = coin;
  const material = wallet.keychain.materialFor(script, { includePrivate: false });
  const address = addressOf(script, context);
  const descriptor = material && inferredDescriptor(script, context, material);
  const canSolve =
    descriptor !== undefined &&
    isSolvable(descriptor) &&
    maxSatisfactionWeight(descriptor, { useMaxSig: false }) !== undefined;
  return {
    txid: displayHash(outPoint.txid),
    vout: outPoint.index,
    ...(address !== undefined && { address, label: labelOf(wallet, script) }),
    ...(material && innerScripts(script, material)),
    scriptPubKey: toHex(script),
    amount: amountNumber(coin.value),
    confirmations: depth,
    ...(depth === 0 && ancestryJson(outPoint.txid, deps.mempool)),
    spendable: true,
    solvable: canSolve,
    desc: canSolve ? descriptorText(descriptor) : undefined,
    parent_descs: [...parentDescriptors(wallet, script)],
    ...(wallet.has(WalletFlag.avoidReuse) && { reused: isUsedAddress(wallet.ledger, script) }),
    safe: isSafe,
  };
}

/** The scripts behind the hashes of an output. */
function innerScripts(script: Uint8Array, material: SigningMaterial): Record<string, RpcValue> {
  const template = templateOf(script);
  if (template.type === "witness_v0_scripthash") {
    const witnessScript = material.scripts.get(toHex(ripemd160(template.hash)));
    return witnessScript === undefined ? {} : { witnessScript: toHex(witnessScript) };
  }
  if (template.type !== "scripthash") return {};
  const redeemScript = material.scripts.get(toHex(template.hash));
  if (redeemScript === undefined) return {};
  const isWitness = templateOf(redeemScript).type === "witness_v0_scripthash";
  return { redeemScript: toHex(redeemScript), ...(isWitness && innerScripts(redeemScript, material)) };
}

/** What a transaction of the mempool comes from there, with itself. */
function ancestryJson(txid: Txid, mempool: RpcDependencies["mempool"]): Record<string, RpcValue> {
  const entry = mempool.get(txid);
  if (entry === undefined) return {};
  const { count, virtualSize, fee } = totalsOf(entry, "parents");
  return { ancestorcount: count, ancestorsize: virtualSize, ancestorfees: fee };
}
