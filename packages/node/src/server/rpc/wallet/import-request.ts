import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, JsonObject, type JsonValue, type RpcValue } from "@bitfleet/api/json.ts";
import { integerOf, notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import {
  addPrivateKeys,
  type Descriptor,
  descriptorWarnings,
  expandDescriptor,
  isRanged,
} from "@bitfleet/wallet/descriptors/descriptor.ts";
import { rootKeyIdsOf } from "@bitfleet/wallet/descriptors/descriptor-forms.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { WalletFault } from "../../../wallets/wallet-fault.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";
import { importDescriptor } from "../../../wallets/wallet-import.ts";
import { descriptorParam, rangeParam } from "../descriptor-params.ts";
import { labelParam, rpcErrorOf } from "./requested-wallet.ts";

/** One request of `importdescriptors`: what it says, checked in Core's order and refused in its words, and what came of it. */

type Answer = Readonly<Record<string, RpcValue>>;

/** Imports a descriptor; what is wrong with it is part of the answer. Throws `RpcError` where a field is of the wrong type. */
export async function importOne(
  wallet: NodeWallet,
  request: JsonValue,
  createdAt: number,
  signal: AbortSignal,
): Promise<Answer> {
  const warnings: string[] = [];
  const withWarnings = (answer: Answer): Answer => (warnings.length === 0 ? answer : { ...answer, warnings });
  try {
    await importChecked(wallet, request as JsonObject, createdAt, warnings, signal);
    return withWarnings({ success: true });
  } catch (error) {
    const refusal = error instanceof WalletFault ? rpcErrorOf(error) : error;
    // As Core has it, a field that cannot be read ends the whole call.
    if (!(refusal instanceof RpcError) || UNREADABLE.includes(refusal.code)) throw refusal;
    const { code, message } = refusal;
    return withWarnings({ success: false, error: { code, message } });
  }
}

const UNREADABLE: readonly number[] = [RpcErrorCode.TYPE_ERROR, RpcErrorCode.MISC_ERROR];

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
const refused = (message: string) => new RpcError(RpcErrorCode.WALLET_ERROR, message);

async function importChecked(
  wallet: NodeWallet,
  request: JsonObject,
  createdAt: number,
  warnings: string[],
  signal: AbortSignal,
): Promise<void> {
  if (!has(request, "desc")) throw invalid("Descriptor not found.");
  const text = textOf(request.get("desc")!);
  const isActive = flagOf(request, "active") ?? false;
  const givenLabel = request.get("label") ?? null;
  const label = labelParam(givenLabel === null ? undefined : textOf(givenLabel));
  const { descriptors, secrets } = descriptorParam(text, wallet.deps, true);
  if (has(request, "internal") && descriptors.length > 1) {
    const message = "Cannot have multipath descriptor while also specifying 'internal'";
    throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);
  }
  const isInternal = flagOf(request, "internal") ?? false;
  const [first] = descriptors;
  const range = rangeOf(request, first, wallet, warnings);
  if (isActive && !isRanged(first)) throw invalid("Active descriptors must be ranged");
  if (has(request, "label")) requireLabelled(descriptors, isInternal);
  if (isActive && first.kind === "combo") throw refused("Combo descriptors cannot be set to active");
  const hasNoKeys = secrets.privateKeys.size === 0;
  if (wallet.has(WalletFlag.disablePrivateKeys) && !hasNoKeys) {
    throw refused("Cannot import private keys to a wallet with private keys disabled");
  }
  for (const [index, descriptor] of descriptors.entries()) {
    checkKeys(wallet, descriptor, secrets, warnings);
    const forChange = descriptors.length === 2 ? index === 1 : isInternal;
    const added = { descriptor, secrets, createdAt, isActive, isInternal: forChange, label, ...range };
    const { hasType } = await importDescriptor(wallet, added, signal).catch((error: unknown) => {
      if (!(error instanceof WalletFault)) throw error;
      throw refused(`Could not add descriptor '${text}': ${error.message}`);
    });
    if (isActive && !hasType) warnings.push("Unknown output type, cannot set descriptor to active.");
  }
}

interface Range {
  readonly rangeStart: number;
  readonly rangeEnd: number;
  readonly nextIndex: number;
}

function rangeOf(request: JsonObject, descriptor: Descriptor, { keychain }: NodeWallet, warnings: string[]): Range {
  const given = has(request, "range") ? request.get("range")! : undefined;
  if (!isRanged(descriptor)) {
    if (given === undefined) return { rangeStart: 0, rangeEnd: 1, nextIndex: 0 };
    throw invalid("Range should not be specified for an un-ranged descriptor");
  }
  if (given === undefined) warnings.push("Range not given, using default keypool range");
  const bounds = given === undefined ? { first: 0, last: keychain.lookAhead - 1 } : rangeParam(given);
  const [rangeStart, rangeEnd] = [bounds.first, bounds.last + 1];
  if (!has(request, "next_index")) return { rangeStart, rangeEnd, nextIndex: rangeStart };
  const nextIndex = wholeNumberOf(request.get("next_index")!);
  if (nextIndex < rangeStart || nextIndex >= rangeEnd) throw invalid("next_index is out of range");
  return { rangeStart, rangeEnd, nextIndex };
}

function requireLabelled(descriptors: readonly Descriptor[], isInternal: boolean): void {
  if (descriptors.length > 1) throw invalid("Multipath descriptors should not have a label");
  if (isRanged(descriptors[0]!)) throw invalid("Ranged descriptors should not have a label");
  if (isInternal) throw invalid("Internal addresses should not have a label");
}

/** Whether the keys that were given do, for a wallet that signs or one that only watches. */
function checkKeys(wallet: NodeWallet, descriptor: Descriptor, secrets: SigningMaterial, warnings: string[]): void {
  const context = { secp256k1: wallet.deps.secp256k1, secrets };
  const expansion = expandDescriptor(descriptor, 0, context);
  if (expansion === undefined) {
    throw refused("Cannot expand descriptor. Probably because of hardened derivations without private keys provided");
  }
  warnings.push(...descriptorWarnings(descriptor));
  const isWatching = wallet.has(WalletFlag.disablePrivateKeys);
  if (!isWatching) {
    if (secrets.privateKeys.size === 0) {
      throw refused("Cannot import descriptor without private keys to a wallet with private keys enabled");
    }
    const found = new SigningMaterial();
    addPrivateKeys(descriptor, 0, context, found);
    const { privateKeys } = found;
    const hasAll = privateKeys.size > 0 && [...expansion.material.origins.keys()].every((id) => privateKeys.has(id));
    if (!hasAll) {
      warnings.push("Not all private keys provided. Some wallet functionality may return unexpected errors");
    }
  }
  if (descriptor.kind !== "unused") return;
  if (isWatching) throw refused("Cannot import unused() to wallet without private keys enabled");
  if (rootKeyIdsOf(descriptor).some((id) => wallet.secrets.has(id))) {
    throw refused("Cannot import an unused() descriptor when its private key is already in the wallet");
  }
}

function has(request: JsonValue, name: string): boolean {
  return request instanceof JsonObject && request.get(name) !== undefined;
}

function textOf(value: JsonValue): string {
  if (typeof value === "string") return value;
  throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, "string"));
}

function flagOf(request: JsonObject, name: string): boolean | undefined {
  const value = request.get(name);
  if (value === undefined || typeof value === "boolean") return value;
  throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, "bool"));
}

function wholeNumberOf(value: JsonValue): number {
  if (value instanceof JsonNumber) return integerOf(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, "number"));
}
