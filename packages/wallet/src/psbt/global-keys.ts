import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { KeyOrigin } from "../keys/keys.ts";
import { addNew, type KeyRow, keyed, property, requireKeySize, tableByType, type ValueCodec } from "./key-table.ts";
import type { Entries, GlobalXpub, ProprietaryPair, UnknownPair } from "./psbt.ts";
import { refuse } from "./psbt-error.ts";
import {
  COMPACT_SIZE,
  originBytes,
  proprietaryRow,
  readOriginValue,
  requirePublicKey,
  sized,
  UINT8,
  UINT32,
  unknownRow,
} from "./value-codecs.ts";

/** The first map, as it stands in the bytes: what is of one version only is told apart by `codec`. */
export interface GlobalContent {
  readonly unsignedTx: Transaction | undefined;
  readonly xpubs: Entries<GlobalXpub>;
  readonly txVersion: number | undefined;
  readonly fallbackLockTime: number | undefined;
  readonly inputCount: number | undefined;
  readonly outputCount: number | undefined;
  readonly modifiable: number | undefined;
  readonly version: number | undefined;
  readonly proprietary: Entries<ProprietaryPair>;
  readonly unknown: Entries<UnknownPair>;
}

const VERSION_MAX = 2;

const ANY_TX: ValueCodec<Transaction> = sized(
  (stream) => decodeTransaction(stream, "forbidden"),
  (writer, tx) => writer.bytes(tx.strippedBytes),
);

const UNSIGNED_TX: ValueCodec<Transaction> = {
  read(stream, context) {
    const tx = ANY_TX.read(stream, context)!;
    if (tx.inputs.some(({ scriptSig }) => scriptSig.length > 0)) {
      refuse("Unsigned tx does not have empty scriptSigs and scriptWitnesses.");
    }
    return tx;
  },
  write: ANY_TX.write,
};

const VERSION: ValueCodec<number> = {
  read(stream, context) {
    const version = UINT32.read(stream, context)!;
    if (version > VERSION_MAX) refuse("Unsupported version number");
    return version;
  },
  write: UINT32.write,
};

/** BIP32: version 4, depth 1, parent's fingerprint 4, index 4, chain code 32, public key 33. */
const XPUB_SIZE = 78;
const XPUB_DEPTH_OFFSET = 4;
const XPUB_CHAIN_CODE_OFFSET = 13;
const XPUB_KEY_OFFSET = 45;

const xpubs = keyed<GlobalContent, GlobalXpub>(0x01, (map) => map.xpubs, {
  read(entries, { key, keyData, stream, context }) {
    requireKeySize("Global XPUB", key, 1 + XPUB_SIZE);
    if (isMisplacedMaster(keyData)) refuse("Invalid pubkey");
    requirePublicKey(keyData.subarray(XPUB_KEY_OFFSET), context);
    const origin = readOriginValue(stream);
    addNew(entries, xpubName(keyData, origin), { key: keyData, origin });
  },
  write: ({ key, origin }, add) => add(key, originBytes(origin)),
});

/** A master key has no parent and is nobody's child. */
function isMisplacedMaster(key: Uint8Array): boolean {
  const placed = key.subarray(XPUB_DEPTH_OFFSET + 1, XPUB_CHAIN_CODE_OFFSET);
  return key[XPUB_DEPTH_OFFSET] === 0 && placed.some((byte) => byte !== 0);
}

/** Names an extended key among a PSBT's: sorted, they are in the order of origin, shorter paths first, then key. */
export function xpubName(key: Uint8Array, { fingerprint, path }: KeyOrigin): string {
  const fixed = (value: number) => value.toString(16).padStart(8, "0");
  const origin = [toHex(fingerprint), fixed(path.length), ...path.map(fixed)].join("");
  return origin + toHex(key.subarray(XPUB_KEY_OFFSET)) + toHex(key.subarray(XPUB_CHAIN_CODE_OFFSET, XPUB_KEY_OFFSET));
}

const field = property<GlobalContent, keyof GlobalContent> as <Field extends keyof GlobalContent>(
  ...row: Parameters<typeof property<GlobalContent, Field>>
) => KeyRow<GlobalContent>;

/** Every type of pair of the first map, in the order of writing. */
export const GLOBAL_KEYS: readonly KeyRow<GlobalContent>[] = [
  field(0x00, "Global Unsigned TX", "unsignedTx", UNSIGNED_TX),
  xpubs,
  field(0x02, "Global Transaction Version", "txVersion", UINT32),
  field(0x03, "Global Fallback Locktime", "fallbackLockTime", UINT32),
  field(0x04, "Global Input Count", "inputCount", COMPACT_SIZE),
  field(0x05, "Global Output Count", "outputCount", COMPACT_SIZE),
  field(0x06, "Global TX Modifiable Flags", "modifiable", UINT8),
  field(0xfb, "Global PSBT Version", "version", VERSION),
  proprietaryRow(),
  unknownRow(),
];

export const GLOBAL_TABLE = tableByType(GLOBAL_KEYS);
