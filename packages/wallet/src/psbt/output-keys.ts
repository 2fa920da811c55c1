import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { LEAF_VERSION_MASK, TAPROOT_DEPTH_MAX } from "@bitfleet/protocol/script/taproot.ts";
import { type KeyRow, property, tableByType, type ValueCodec } from "./key-table.ts";
import type { PsbtOutput, TaprootTreeLeaf } from "./psbt.ts";
import { refuse } from "./psbt-error.ts";
import { treeOfLeaves } from "./taproot-leaves.ts";
import {
  ANY_SCRIPT,
  derivationRow,
  HASH_OR_NONE,
  INT64,
  musigParticipantsRow,
  proprietaryRow,
  SCRIPT,
  taprootDerivationRow,
  unknownRow,
} from "./value-codecs.ts";

/** While it is read, an output of version 2 may lack its value and script. */
export interface OutputContent extends Omit<PsbtOutput, "value" | "scriptPubKey" | "taprootTree"> {
  readonly value: Sats | undefined;
  readonly scriptPubKey: Uint8Array | undefined;
  readonly taprootTree: readonly TaprootTreeLeaf[] | undefined;
}

/** BIP371: depth, leaf version and script of each leaf. */
const TREE: ValueCodec<readonly TaprootTreeLeaf[]> = {
  read(stream) {
    const reader = new Reader(stream.compactBytes());
    if (reader.remaining === 0) refuse("Output Taproot tree must not be empty");
    const leaves: TaprootTreeLeaf[] = [];
    while (reader.remaining > 0) {
      const depth = reader.uint8();
      const leafVersion = reader.uint8();
      const script = reader.compactBytes();
      if (depth > TAPROOT_DEPTH_MAX) refuse("Output Taproot tree has as leaf greater than Taproot maximum depth");
      if ((leafVersion & ~LEAF_VERSION_MASK) !== 0) {
        refuse("Output Taproot tree has a leaf with an invalid leaf version");
      }
      leaves.push({ depth, leafVersion, script });
    }
    if (treeOfLeaves(leaves) === undefined) refuse("Output Taproot tree is malformed");
    return leaves;
  },
  write(writer, leaves) {
    for (const { depth, leafVersion, script } of leaves) {
      writer.uint8(depth).uint8(leafVersion).compactBytes(script);
    }
  },
};

const field = property<OutputContent, keyof OutputContent> as <Field extends keyof OutputContent>(
  ...row: Parameters<typeof property<OutputContent, Field>>
) => KeyRow<OutputContent>;

/** Every type of pair that an output may hold, in the order of writing, which Core has it thus. */
export const OUTPUT_KEYS: readonly KeyRow<OutputContent>[] = [
  field(0x00, "Output redeemScript", "redeemScript", SCRIPT),
  field(0x01, "Output witnessScript", "witnessScript", SCRIPT),
  derivationRow(0x02),
  field(0x03, "Output Amount", "value", INT64, { onlyIn2: "Output amount" }),
  field(0x04, "Output Script", "scriptPubKey", ANY_SCRIPT, { onlyIn2: "Output script" }),
  proprietaryRow(),
  field(0x05, "Output Taproot Internal Key", "taprootInternalKey", HASH_OR_NONE),
  field(0x06, "Output Taproot Tree Key", "taprootTree", TREE),
  taprootDerivationRow(0x07, "Output"),
  musigParticipantsRow(0x08, "Output"),
  unknownRow(),
];

export const OUTPUT_TABLE = tableByType(OUTPUT_KEYS);
