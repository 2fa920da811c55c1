import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { accountDescriptors, coinTypeOf, masterKeyOf } from "@bitfleet/wallet/keys/accounts.ts";
import { mnemonicOf, seedOfMnemonic } from "@bitfleet/wallet/keys/mnemonic.ts";
import type { Random } from "../ports.ts";
import { weakKeyProblem } from "../server/access/weak-keys.ts";

/** What a network in containers has to keep to itself, by the names that its manifests have for it. */
export interface NetworkSecrets {
  readonly BITCOIN_API_ADMIN_KEY: string;
  readonly BITCOIN_API_WALLET_KEY: string;
  /** The first address of the treasury: what the wallet node mines to that is made from the phrase. */
  readonly MINER_ADDRESS: string;
  /** 24 words. */
  readonly TREASURY_MNEMONIC: string;
  readonly REDIS_PASSWORD: string;
}

const KEY_SIZE = 24;
/** Of 24 words. */
const ENTROPY_SIZE = 32;
/** BIP84: addresses of the kind bech32. */
const PURPOSE = 84;

/** New ones, by which no other network can be entered. */
export function makeSecrets(network: Pick<Network, "addressPrefixes">, random: Pick<Random, "bytes">): NetworkSecrets {
  const entropy = random.bytes(ENTROPY_SIZE);
  const phrase = mnemonicOf(entropy);
  entropy.fill(0);
  return {
    BITCOIN_API_ADMIN_KEY: newKey(random),
    BITCOIN_API_WALLET_KEY: newKey(random),
    MINER_ADDRESS: firstAddressOf(phrase, network),
    TREASURY_MNEMONIC: phrase,
    REDIS_PASSWORD: newKey(random),
  };
}

/** Hex: it is the same in a header, in YAML, in an address with a password and in a file of variables. */
function newKey(random: Pick<Random, "bytes">): string {
  for (;;) {
    const key = toHex(random.bytes(KEY_SIZE));
    if (weakKeyProblem(key, "the key") === undefined) return key;
  }
}

/** The first address to receive by of the phrase's first account (BIP84). */
export function firstAddressOf(
  phrase: string,
  { addressPrefixes: prefixes }: Pick<Network, "addressPrefixes">,
): string {
  const seed = seedOfMnemonic(phrase);
  const master = masterKeyOf(seed, prefixes);
  seed.fill(0);
  const account = accountDescriptors(
    { master },
    { purpose: PURPOSE, coinType: coinTypeOf(prefixes), account: 0 },
    prefixes,
  );
  if ("error" in account) throw new Error(`a descriptor cannot be made: ${account.error}`);
  const context = { prefixes, secp256k1: portableSecp256k1 };
  const parsed = parseDescriptor(account.external, context);
  if ("error" in parsed) throw new Error(`a descriptor made here cannot be read: ${parsed.error}`);
  const [descriptor] = parsed.descriptors;
  const expansion = expandDescriptor(descriptor, 0, { ...context, secrets: parsed.secrets });
  return encodeAddress(expansion!.scripts[0]!, prefixes)!;
}
