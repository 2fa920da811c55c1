import { ApiError } from "@bitfleet/api/errors.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { MAINNET, regtestNetwork, TESTNET3 } from "@bitfleet/protocol/consensus/networks.ts";
import { type HashKey, hashKey, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { scriptKeyOf } from "../../indexes/address-effects.ts";

/** A script as the routes of addresses are told of it. */
export interface NamedScript {
  /** As it was written. */
  readonly name: string;
  readonly key: HashKey;
  /** `undefined` where it is named by its hash. */
  readonly script: Uint8Array | undefined;
}

/** Characters of a name that an error shows. */
const SHOWN_MAX = 100;
/** Networks whose addresses differ, to tell people whose address they have; the test networks share theirs. */
const OTHERS: readonly (readonly [name: string, prefixes: AddressPrefixes])[] = [
  ["main", MAINNET.addressPrefixes],
  ["the test networks", TESTNET3.addressPrefixes],
  ["regtest", regtestNetwork().addressPrefixes],
];

/** The script that an address or a script hash names. Throws `ApiError` with what was expected. */
export function scriptNamed(name: string, network: Pick<Network, "name" | "addressPrefixes">): NamedScript {
  const hash = parseDisplayHash(name);
  if (hash !== undefined) return { name, key: hashKey(hash), script: undefined };
  const decoded = decodeAddress(name, network.addressPrefixes);
  if ("script" in decoded) return { name, key: scriptKeyOf(decoded.script), script: decoded.script };
  const other = OTHERS.find(([, prefixes]) => "script" in decodeAddress(name, prefixes));
  const shown = name.slice(0, SHOWN_MAX);
  const what = other === undefined ? "is no address" : `is an address of ${other[0]}`;
  throw new ApiError(400, `"${shown}" ${what}: ${expectationOf(network)} is expected.`);
}

function expectationOf({ name, addressPrefixes }: Pick<Network, "name" | "addressPrefixes">): string {
  const letters = addressPrefixes.pubKeyHash === MAINNET.addressPrefixes.pubKeyHash ? "1 or 3" : "m, n or 2";
  return `an address of ${name}, which begins with ${addressPrefixes.bech32}1, ${letters}, or the 64 hex digits of a script hash`;
}
