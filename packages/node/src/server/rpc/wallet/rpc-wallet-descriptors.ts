import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { JsonObject, RpcValue } from "@bitfleet/api/json.ts";
import { notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { extendedRootsOf, privateExtendedText, privateText } from "@bitfleet/wallet/descriptors/descriptor-forms.ts";
import { ADDRESS_TYPES, type AddressType } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { ScriptSource } from "@bitfleet/wallet/keychain/script-source.ts";
import { decodeExtendedKey, type ExtendedKey, keyIdOf } from "@bitfleet/wallet/keys/keys.ts";

import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";
import { addMasterKey, createDescriptors } from "../../../wallets/wallet-keys.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { requestedWallet, requireUnlocked, walletsOf } from "./requested-wallet.ts";

/** Calls about the descriptors of a wallet and the extended keys that they come from. */
export function walletDescriptorHandlers(deps: RpcDependencies) {
  return {
    listdescriptors: ({ private: showsPrivate }, context) => {
      const wallet = requestedWallet(context, deps);
      if (showsPrivate && wallet.has(WalletFlag.disablePrivateKeys)) {
        const message = "Can't get private descriptor string for watch-only wallets";
        throw new RpcError(RpcErrorCode.WALLET_ERROR, message);
      }
      if (showsPrivate) requireUnlocked(wallet);
      const descriptors = [...wallet.keychain.sources]
        .map((source) => ({ text: showsPrivate ? privateTextOf(source, wallet) : publicTextOf(source), source }))
        .sort((a, b) => compareText(a.text, b.text))
        .map(({ text, source }) => descriptorJson(text, source));
      return { wallet_name: wallet.name, descriptors };
    },

    gethdkeys: ({ options }, context) => {
      const wallet = requestedWallet(context, deps);
      const showsPrivate = flagOption(options, "private") ?? false;
      if (showsPrivate) requireUnlocked(wallet);
      const { keychain } = wallet;
      const sources = flagOption(options, "active_only") ? keychain.activeSources() : [...keychain.sources];
      return hdKeysOf(sources, wallet).map((hdKey) => hdKeyJson(hdKey, wallet, showsPrivate));
    },

    createwalletdescriptor: async ({ type, options }, context) => {
      const wallet = requestedWallet(context, deps);
      const addressType = addressTypeParam(type);
      const isInternal = flagOption(options, "internal");
      const hdkey = textOption(options, "hdkey");
      requireUnlocked(wallet);
      const publicText = hdkey === undefined ? activeKeyOf(wallet) : publicKeyParam(hdkey, wallet);
      const forms = { secrets: wallet.secrets.unlocked, prefixes: wallet.deps.prefixes };
      const master = privateExtendedText(publicText, forms);
      if (master === undefined) throw invalidKey(`Private key for ${publicText} is not known`);
      const internals = isInternal === undefined ? [false, true] : [isInternal];
      const made = createDescriptors(wallet, master, addressType, internals);
      if (made.length === 0) throw new RpcError(RpcErrorCode.WALLET_ERROR, "Descriptor already exists");
      await wallet.database.flush();
      return { descs: made.map((id) => publicTextOf(wallet.keychain.source(id))) };
    },

    addhdkey: async ({ hdkey }, context) => {
      const wallet = requestedWallet(context, deps);
      if (wallet.has(WalletFlag.disablePrivateKeys)) {
        throw new RpcError(RpcErrorCode.WALLET_ERROR, "addhdkey is not available for wallets without private keys");
      }
      requireUnlocked(wallet);
      const master =
        hdkey === undefined ? walletsOf(deps).manager.newMasterKey(wallet) : privateKeyParam(hdkey, wallet);
      const isNew = await addMasterKey(wallet, master);
      if (!isNew) throw new RpcError(RpcErrorCode.WALLET_ERROR, "HD key already exists");
      await wallet.database.flush();
      return { xpub: decodeExtendedKey(master, wallet.deps.prefixes)!.publicText };
    },
  } satisfies Partial<RpcHandlers>;
}

function flagOption(options: JsonObject | undefined, name: string): boolean | undefined {
  const value = options?.get(name) ?? null;
  if (value === null || typeof value === "boolean") return value ?? undefined;
  throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, "bool"));
}

function textOption(options: JsonObject | undefined, name: string): string | undefined {
  const value = options?.get(name) ?? null;
  if (value === null || typeof value === "string") return value ?? undefined;
  throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, "string"));
}

const invalidKey = (message: string) => new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function publicTextOf({ record }: ScriptSource): string {
  return record.normalizedText ?? record.text;
}

function privateTextOf({ descriptor }: ScriptSource, { secrets, deps }: NodeWallet): string {
  const text = privateText(descriptor, { secrets: secrets.unlocked, prefixes: deps.prefixes });
  if (text !== undefined) return text;
  throw new RpcError(RpcErrorCode.WALLET_ERROR, "Can't get descriptor string.");
}

function descriptorJson(desc: string, { record, progress, isRanged }: ScriptSource): RpcValue {
  const { nextIndex, rangeStart, rangeEnd } = progress;
  return {
    desc,
    timestamp: record.createdAt,
    active: record.activeFor !== undefined,
    internal: record.activeFor?.isInternal,
    ...(isRanged && { range: [rangeStart, rangeEnd - 1], next: nextIndex, next_index: nextIndex }),
  };
}

interface HdKey {
  readonly text: string;
  readonly key: ExtendedKey;
  readonly users: { readonly desc: string; readonly active: boolean }[];
}

/** The extended keys that descriptors begin with, in the order of their bytes. */
function hdKeysOf(sources: readonly ScriptSource[], { deps }: NodeWallet): readonly HdKey[] {
  const byText = new Map<string, HdKey>();
  for (const source of sources) {
    const user = { desc: publicTextOf(source), active: source.record.activeFor !== undefined };
    for (const text of new Set(extendedRootsOf(source.descriptor))) {
      const known = byText.get(text) ?? { text, key: decodeExtendedKey(text, deps.prefixes)!.key, users: [] };
      known.users.push(user);
      byText.set(text, known);
    }
  }
  return [...byText.values()].sort(
    ({ key: a }, { key: b }) => compareBytes(a.publicKey, b.publicKey) || compareBytes(a.chainCode, b.chainCode),
  );
}

function hdKeyJson({ text, key, users }: HdKey, { secrets, deps }: NodeWallet, showsPrivate: boolean): RpcValue {
  const { prefixes } = deps;
  return {
    xpub: text,
    has_private: secrets.has(keyIdOf(key.publicKey)),
    xprv: showsPrivate ? privateExtendedText(text, { secrets: secrets.unlocked, prefixes }) : undefined,
    descriptors: users.toSorted((a, b) => compareText(a.desc, b.desc)),
  };
}

function addressTypeParam(type: string): AddressType {
  const known = ADDRESS_TYPES.find((name) => name === type);
  if (known === undefined) throw invalidKey(`Unknown address type '${type}'`);
  return known;
}

/** The one key that all addresses come from. */
function activeKeyOf(wallet: NodeWallet): string {
  const [only, ...others] = hdKeysOf(wallet.keychain.activeSources(), wallet);
  if (only !== undefined && others.length === 0) return only.text;
  throw invalidKey("Unable to determine which HD key to use from active descriptors. Please specify with 'hdkey'");
}

function publicKeyParam(text: string, { deps }: NodeWallet): string {
  const known = decodeExtendedKey(text, deps.prefixes);
  if (known !== undefined && known.key.privateKey === undefined) return known.publicText;
  throw invalidKey("Unable to parse HD key. Please provide a valid xpub");
}

function privateKeyParam(text: string, { deps }: NodeWallet): string {
  const known = decodeExtendedKey(text, deps.prefixes);
  if (known === undefined) throw invalidKey("Could not parse HD key");
  if (known.key.privateKey !== undefined) return text;
  throw invalidKey("Extended public key (xpub) provided, but extended private key (xprv) is required");
}
