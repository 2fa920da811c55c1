import { concatBytes, equalBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  decodeTransaction,
  decodeTxOutput,
  type Transaction,
  type TxOutput,
  writeTxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { ScriptFlag } from "@bitfleet/protocol/script/flags.ts";
import { checkSignatureEncoding } from "@bitfleet/protocol/script/signature-encoding.ts";
import { LOCK_TIME_THRESHOLD } from "@bitfleet/protocol/script/transaction-checker.ts";
import { keyIdOf } from "../keys/keys.ts";
import { type KeySignature, type MusigShare, musigShareName } from "../signing/signature-data.ts";
import {
  addNew,
  type Draft,
  type KeyRow,
  keyed,
  type PairToRead,
  property,
  requireKeySize,
  tableByType,
  type ValueCodec,
} from "./key-table.ts";
import type { Entries, PsbtInput, TaprootLeafScript, TaprootScriptSignature } from "./psbt.ts";
import { refuse } from "./psbt-error.ts";
import {
  derivationRow,
  HASH_OR_NONE,
  INT32,
  isZero,
  musigParticipantsRow,
  proprietaryRow,
  publicKeyOf,
  requirePublicKey,
  SCRIPT,
  sized,
  taprootDerivationRow,
  UINT32,
  unknownRow,
} from "./value-codecs.ts";

const COMPRESSED_SIZE = 33;
const X_ONLY_SIZE = 32;
const HASH_SIZE = 32;
const SCHNORR_SIZE_MIN = 64;
const SCHNORR_SIZE_MAX = 65;
/** BIP371: a control block of at least 33 bytes. */
const LEAF_KEY_SIZE_MIN = 34;
/** BIP373. */
const PUBLIC_NONCE_SIZE = 66;
const SHARE_KEY_SIZES = [1 + 2 * COMPRESSED_SIZE, 1 + 2 * COMPRESSED_SIZE + HASH_SIZE];

/** While it is read, an input of version 2 may lack what it spends. */
export interface InputContent extends Omit<PsbtInput, "previousOutput"> {
  readonly previousTxid: Txid | undefined;
  readonly previousIndex: number | undefined;
}

const NOT_WHEN_FINAL = { leftOutWhenFinal: true };

const TRANSACTION: ValueCodec<Transaction> = sized(
  (stream) => decodeTransaction(stream),
  (writer, tx) => writer.bytes(tx.strippedBytes),
);

/** An output of value -1 is Core's way to say none. */
const OUTPUT: ValueCodec<TxOutput> = sized(
  (stream) => {
    const output = decodeTxOutput(stream);
    return output.value === -1n ? undefined : output;
  },
  (writer, output) => writeTxOutput(writer, output),
);

const STACK: ValueCodec<readonly Uint8Array[]> = sized(
  (stream) => {
    const items = Array.from({ length: stream.count(1) }, () => stream.compactBytes());
    return items.length === 0 ? undefined : items;
  },
  (writer, items) => {
    writer.compactSize(items.length);
    for (const item of items) writer.compactBytes(item);
  },
);

const TXID: ValueCodec<Txid> = sized(
  (stream) => stream.bytes(HASH_SIZE) as Txid,
  (writer, txid) => writer.bytes(txid),
);

/** A lock time of one kind (BIP370). */
function lockTime(check: (value: number) => string | undefined, what: string): ValueCodec<number> {
  return {
    read(stream, context) {
      const value = UINT32.read(stream, context)!;
      const reason = check(value);
      if (reason !== undefined) refuse(`${what} is invalid (${reason})`);
      return value;
    },
    write: UINT32.write,
  };
}

const TIME_LOCK = lockTime(
  (value) => (value < LOCK_TIME_THRESHOLD ? `less than ${LOCK_TIME_THRESHOLD}` : undefined),
  "Required time based locktime",
);

const HEIGHT_LOCK = lockTime((value) => {
  if (value >= LOCK_TIME_THRESHOLD) return `greater than or equal to ${LOCK_TIME_THRESHOLD}`;
  return value === 0 ? "0" : undefined;
}, "Required height based locktime");

const partialSignatures = keyed<InputContent, KeySignature>(
  0x02,
  (input) => input.partialSignatures,
  {
    read(entries, pair) {
      const publicKey = publicKeyOf(pair, "partial signature pubkey");
      const signature = pair.stream.compactBytes();
      const flags = ScriptFlag.DERSIG | ScriptFlag.STRICTENC;
      if (signature.length === 0 || checkSignatureEncoding(signature, flags) !== undefined) {
        refuse("Signature is not a valid encoding");
      }
      addNew(entries, keyIdOf(publicKey), { publicKey, signature });
    },
    write: ({ publicKey, signature }, add) => add(publicKey, signature),
  },
  NOT_WHEN_FINAL,
);

function preimages(type: number, hash: keyof PsbtInput["preimages"], name: string, size: number): KeyRow<InputContent> {
  return {
    type,
    leftOutWhenFinal: true,
    read(draft, { key, keyData, stream }) {
      requireKeySize(`Input ${name} Preimage`, key, 1 + size);
      const entries = draft.preimages[hash] as Map<string, Uint8Array>;
      addNew(entries, toHex(keyData), stream.compactBytes());
    },
    write({ preimages }, pairs) {
      for (const [name, preimage] of [...preimages[hash]].sort(([a], [b]) => (a < b ? -1 : 1))) {
        pairs.pair(type, fromHex(name), preimage);
      }
    },
  };
}

function schnorrSignature(stream: Reader, path: "key" | "script"): Uint8Array {
  const signature = stream.compactBytes();
  if (signature.length < SCHNORR_SIZE_MIN) refuse(`Input Taproot ${path} path signature is shorter than 64 bytes`);
  if (signature.length > SCHNORR_SIZE_MAX) refuse(`Input Taproot ${path} path signature is longer than 65 bytes`);
  return signature;
}

const KEY_SIGNATURE: ValueCodec<Uint8Array> = {
  read: (stream) => schnorrSignature(stream, "key"),
  write: (writer, signature) => writer.bytes(signature),
};

const taprootScriptSignatures = keyed<InputContent, TaprootScriptSignature>(
  0x14,
  (input) => input.taprootScriptSignatures,
  {
    read(entries, { key, keyData, stream }) {
      requireKeySize("Input Taproot Script Path Signature", key, 1 + X_ONLY_SIZE + HASH_SIZE);
      const signature = schnorrSignature(stream, "script");
      const xOnlyKey = keyData.subarray(0, X_ONLY_SIZE);
      addNew(entries, toHex(keyData), { xOnlyKey, leafHash: keyData.subarray(X_ONLY_SIZE), signature });
    },
    write: ({ xOnlyKey, leafHash, signature }, add) => add(concatBytes(xOnlyKey, leafHash), signature),
  },
  NOT_WHEN_FINAL,
);

/** Names a leaf among an input's: sorted, they are in the order of script, then version. */
export function leafScriptName(script: Uint8Array, leafVersion: number): string {
  // "/" sorts before every digit, so a script that begins another one stands before it.
  return `${toHex(script)}/${toHex(Uint8Array.of(leafVersion))}`;
}

/** The shortest first, those of one length in the order of their bytes, each once. */
export function withControlBlock(blocks: readonly Uint8Array[], added: Uint8Array): readonly Uint8Array[] {
  if (blocks.some((block) => equalBytes(block, added))) return blocks;
  const order = (block: Uint8Array) => `${String(block.length).padStart(5, "0")}${toHex(block)}`;
  return [...blocks, added].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

const taprootScripts = keyed<InputContent, TaprootLeafScript>(
  0x15,
  (input) => input.taprootScripts,
  {
    read(entries, { key, keyData, stream }) {
      if (key.length < LEAF_KEY_SIZE_MIN) refuse("Input Taproot leaf script key is not at least 34 bytes");
      if ((key.length - 2) % HASH_SIZE !== 0) {
        refuse("Input Taproot leaf script key's control block size is not valid");
      }
      const value = stream.compactBytes();
      if (value.length === 0) refuse("Input Taproot leaf script must be at least 1 byte");
      const script = value.subarray(0, -1);
      const leafVersion = value.at(-1)!;
      const name = leafScriptName(script, leafVersion);
      const controlBlocks = withControlBlock(entries.get(name)?.controlBlocks ?? [], keyData);
      entries.set(name, { script, leafVersion, controlBlocks });
    },
    write({ script, leafVersion, controlBlocks }, add) {
      const value = concatBytes(script, Uint8Array.of(leafVersion));
      for (const block of controlBlocks) add(block, value);
    },
  },
  NOT_WHEN_FINAL,
);

function musigShares(
  type: number,
  entriesOf: (input: InputContent | Draft<InputContent>) => Entries<MusigShare>,
  name: string,
  readValue: (pair: PairToRead) => Uint8Array,
): KeyRow<InputContent> {
  return keyed<InputContent, MusigShare>(
    type,
    entriesOf,
    {
      read(entries, pair) {
        const { key, keyData, context } = pair;
        if (!SHARE_KEY_SIZES.includes(key.length))
          refuse(`Input musig2 ${name} key is not expected size of 67 or 99 bytes`);
        const participant = keyData.subarray(0, COMPRESSED_SIZE);
        const aggregateKey = keyData.subarray(COMPRESSED_SIZE, 2 * COMPRESSED_SIZE);
        requirePublicKey(aggregateKey, context, "musig2 aggregate pubkey is invalid");
        requirePublicKey(participant, context, "musig2 participant pubkey is invalid");
        const leaf = keyData.subarray(2 * COMPRESSED_SIZE);
        const leafHash = isZero(leaf) ? undefined : leaf;
        const share = { participant, aggregateKey, leafHash };
        addNew(entries, musigShareName(share), { ...share, value: readValue(pair) });
      },
      write({ participant, aggregateKey, leafHash, value }, add) {
        add(concatBytes(participant, aggregateKey, leafHash ?? new Uint8Array(0)), value);
      },
    },
    NOT_WHEN_FINAL,
  );
}

const musigNonces = musigShares(
  0x1b,
  (input) => input.musigNonces,
  "pubnonce",
  ({ stream }) => {
    const nonce = stream.compactBytes();
    if (nonce.length !== PUBLIC_NONCE_SIZE) refuse("Input musig2 pubnonce value is not 66 bytes");
    return nonce;
  },
);

const SCALAR = sized<Uint8Array>(
  (stream) => stream.bytes(32),
  (writer, scalar) => writer.bytes(scalar),
);

const musigPartialSignatures = musigShares(
  0x1c,
  (input) => input.musigPartialSignatures,
  "partial sig",
  ({ stream, context }) => SCALAR.read(stream, context)!,
);

const field = property<InputContent, keyof InputContent> as <Field extends keyof InputContent>(
  ...row: Parameters<typeof property<InputContent, Field>>
) => KeyRow<InputContent>;

/** Every type of pair that an input may hold, in the order of writing. */
export const INPUT_KEYS: readonly KeyRow<InputContent>[] = [
  field(0x00, "Input Non-witness UTXO", "nonWitnessUtxo", TRANSACTION),
  field(0x01, "Input Witness UTXO", "witnessUtxo", OUTPUT),
  partialSignatures,
  field(0x03, "Input Sighash Type", "sighashType", INT32, NOT_WHEN_FINAL),
  field(0x04, "Input redeemScript", "redeemScript", SCRIPT, NOT_WHEN_FINAL),
  field(0x05, "Input witnessScript", "witnessScript", SCRIPT, NOT_WHEN_FINAL),
  derivationRow(0x06, NOT_WHEN_FINAL),
  preimages(0x0a, "ripemd160", "RIPEMD160", 20),
  preimages(0x0b, "sha256", "SHA256", 32),
  preimages(0x0c, "hash160", "Hash160", 20),
  preimages(0x0d, "hash256", "Hash256", 32),
  field(0x13, "Input Taproot Key Path Signature", "taprootKeySignature", KEY_SIGNATURE, NOT_WHEN_FINAL),
  taprootScriptSignatures,
  taprootScripts,
  taprootDerivationRow(0x16, "Input", NOT_WHEN_FINAL),
  field(0x17, "Input Taproot Internal Key", "taprootInternalKey", HASH_OR_NONE, NOT_WHEN_FINAL),
  field(0x18, "Input Taproot Merkle Root", "taprootMerkleRoot", HASH_OR_NONE, NOT_WHEN_FINAL),
  musigParticipantsRow(0x1a, "Input", NOT_WHEN_FINAL),
  musigNonces,
  musigPartialSignatures,
  field(0x07, "Input Final scriptSig", "finalScriptSig", SCRIPT),
  field(0x08, "Input Final scriptWitness", "finalWitness", STACK),
  field(0x0e, "Input Previous TXID", "previousTxid", TXID, { onlyIn2: "Previous txid" }),
  field(0x0f, "Input Previous Output's Index", "previousIndex", UINT32, { onlyIn2: "Previous output's index" }),
  field(0x10, "Input Sequence", "sequence", UINT32, { onlyIn2: "Sequence" }),
  field(0x11, "Input Required Time Based Locktime", "requiredTimeLock", TIME_LOCK, {
    onlyIn2: "Required time based locktime",
  }),
  field(0x12, "Input Required Height Based Locktime", "requiredHeightLock", HEIGHT_LOCK, {
    onlyIn2: "Required height based locktime",
  }),
  proprietaryRow(),
  unknownRow(),
];

export const INPUT_TABLE = tableByType(INPUT_KEYS);
