import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES } from "../bytes/bytes.ts";
import { hash160, sha256 } from "../crypto/hash.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { ALL_SCRIPT_FLAGS, MANDATORY_SCRIPT_FLAGS, ScriptFlag, type ScriptFlags } from "./flags.ts";
import type { TaprootContext } from "./machine.ts";
import { isOpSuccess, Op } from "./opcodes.ts";
import { ScriptBuilder } from "./script.ts";
import type { ScriptError } from "./script-error.ts";
import { SighashType } from "./sighash.ts";
import { taprootSighash } from "./sighash-taproot.ts";
import { TAPSCRIPT_LEAF_VERSION, tapBranchHash, tapLeafHash, tapTweakHash } from "./taproot.ts";
import { payToPublicKeyHash, payToScriptHash, payToTaproot, payToWitnessScriptHash } from "./templates.ts";
import { type Spend, script, spendingTransaction, verifySpend } from "./test-kit.ts";

const LAW = MANDATORY_SCRIPT_FLAGS;

const secret = new Uint8Array(32).fill(7);
const key = portableSecp256k1.publicKeyOf(secret, true).subarray(1);
const internalKey = portableSecp256k1.publicKeyOf(new Uint8Array(32).fill(9), true).subarray(1);
const AUXILIARY = new Uint8Array(32);

interface TapSpend {
  readonly leaf: Uint8Array;
  readonly stack?: readonly Uint8Array[];
  readonly leafVersion?: number;
  readonly path?: readonly Uint8Array[];
  readonly annex?: Uint8Array;
  readonly changeControlBlock?: (controlBlock: Uint8Array) => Uint8Array;
}

/** A spend of an output that commits to the leaf. */
function tapSpend(options: TapSpend): Spend {
  const { leaf, stack = [], leafVersion = TAPSCRIPT_LEAF_VERSION, path = [], annex } = options;
  const root = path.reduce(tapBranchHash, tapLeafHash(leafVersion, leaf));
  const output = portableSecp256k1.tweakXOnly(internalKey, tapTweakHash(internalKey, root))!;
  const controlBlock = concatBytes(Uint8Array.of(leafVersion | output.parity), internalKey, ...path);
  const shown = options.changeControlBlock?.(controlBlock) ?? controlBlock;
  return {
    scriptPubKey: payToTaproot(output.x),
    witness: [...stack, leaf, shown, ...(annex ? [annex] : [])],
    value: 9n,
  };
}

function run(options: TapSpend, flags: ScriptFlags = LAW): ScriptError | "OK" {
  return verifySpend(tapSpend(options), flags) ?? "OK";
}

interface Signing {
  readonly hashType?: number;
  readonly codeSeparatorPosition?: number;
  readonly annex?: Uint8Array;
}

/** A signature by {@link key} for the leaf. The witness is not signed, so it may be filled in later. */
function sign(leaf: Uint8Array, options: Signing = {}): Uint8Array {
  const { hashType = 0, codeSeparatorPosition = 0xffffffff, annex } = options;
  const { cache } = spendingTransaction(tapSpend({ leaf }));
  const context: TaprootContext = {
    annexHash: annex && sha256(concatBytes(Uint8Array.of(annex.length), annex)),
    leafHash: tapLeafHash(TAPSCRIPT_LEAF_VERSION, leaf),
    codeSeparatorPosition,
    validationWeightLeft: 0,
  };
  const hash = taprootSighash(cache, 0, hashType, context)!;
  const signature = portableSecp256k1.signSchnorr(hash, secret, AUXILIARY);
  return hashType === SighashType.DEFAULT ? signature : concatBytes(signature, Uint8Array.of(hashType));
}

const checkSig = new ScriptBuilder().push(key).op(Op.CHECKSIG).bytes();
const TRUE = Uint8Array.of(1);

describe("spending by script", () => {
  test("a leaf that leaves one truthy item", () => {
    expect(run({ leaf: script("1") })).toBe("OK");
    expect(run({ leaf: script("0") })).toBe("EVAL_FALSE");
    expect(run({ leaf: script("1 1") })).toBe("CLEANSTACK");
    expect(run({ leaf: EMPTY_BYTES })).toBe("CLEANSTACK");
    expect(run({ leaf: EMPTY_BYTES, stack: [TRUE] })).toBe("OK");
  });

  test("at depth 0, 1, 2 and 128, not 129", () => {
    const node = new Uint8Array(32).fill(3);
    for (const depth of [0, 1, 2, 128]) expect(run({ leaf: script("1"), path: Array(depth).fill(node) })).toBe("OK");
    expect(run({ leaf: script("1"), path: Array(129).fill(node) })).toBe("TAPROOT_WRONG_CONTROL_SIZE");
  });

  test.each([
    ["a byte short", (block: Uint8Array) => block.subarray(0, -1), "TAPROOT_WRONG_CONTROL_SIZE"],
    ["a byte long", (block: Uint8Array) => concatBytes(block, TRUE), "TAPROOT_WRONG_CONTROL_SIZE"],
    ["empty", () => EMPTY_BYTES, "TAPROOT_WRONG_CONTROL_SIZE"],
    [
      "of the other parity",
      (block: Uint8Array) => block.map((byte, at) => (at === 0 ? byte ^ 1 : byte)),
      "WITNESS_PROGRAM_MISMATCH",
    ],
    [
      "of another leaf version",
      (block: Uint8Array) => block.map((byte, at) => (at === 0 ? byte ^ 2 : byte)),
      "WITNESS_PROGRAM_MISMATCH",
    ],
    [
      "of another key",
      (block: Uint8Array) => block.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
      "WITNESS_PROGRAM_MISMATCH",
    ],
    ["with one node more", (block: Uint8Array) => concatBytes(block, new Uint8Array(32)), "WITNESS_PROGRAM_MISMATCH"],
  ] as const)("a control block %s is refused", (_, changeControlBlock, expected) => {
    expect(run({ leaf: script("1"), changeControlBlock })).toBe(expected);
  });

  test("an empty witness is refused", () => {
    expect(verifySpend({ ...tapSpend({ leaf: script("1") }), witness: [] }, LAW)).toBe("WITNESS_PROGRAM_WITNESS_EMPTY");
  });

  test("without the flag anything goes", () => {
    const spend = { ...tapSpend({ leaf: script("0") }), witness: [TRUE, TRUE] };
    expect(verifySpend(spend, LAW & ~ScriptFlag.TAPROOT)).toBeUndefined();
    expect(verifySpend(spend, LAW)).toBe("TAPROOT_WRONG_CONTROL_SIZE");
  });

  test("nested in BIP16 the program is none", () => {
    const { scriptPubKey } = tapSpend({ leaf: script("1") });
    const nested = {
      scriptPubKey: payToScriptHash(hash160(scriptPubKey)),
      scriptSig: new ScriptBuilder().push(scriptPubKey).bytes(),
      witness: [TRUE],
    };
    expect(verifySpend(nested, LAW)).toBeUndefined();
    expect(verifySpend(nested, ALL_SCRIPT_FLAGS)).toBe("DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM");
  });
});

describe("leaf versions", () => {
  test.each([0xc2, 0xfe, 0x02, 0x66])("%i has no meaning yet: it succeeds, unless discouraged", (leafVersion) => {
    const leaf = script("0 RETURN");
    expect(run({ leaf, leafVersion })).toBe("OK");
    expect(run({ leaf, leafVersion }, LAW | ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION)).toBe(
      "DISCOURAGE_UPGRADABLE_TAPROOT_VERSION",
    );
  });

  test("0xc0 is tapscript", () => {
    expect(run({ leaf: script("0 RETURN"), leafVersion: 0xc0 })).toBe("OP_RETURN");
  });
});

describe("annex", () => {
  const annex = Uint8Array.of(0x50, 1, 2, 3);

  test("is dropped before the script runs", () => {
    expect(run({ leaf: script("1"), annex })).toBe("OK");
    expect(run({ leaf: script("1"), annex: Uint8Array.of(0x50) })).toBe("OK");
    expect(run({ leaf: script("1"), annex: Uint8Array.of(0x51) })).toBe("TAPROOT_WRONG_CONTROL_SIZE");
  });

  test("is signed", () => {
    expect(run({ leaf: checkSig, stack: [sign(checkSig, { annex })], annex })).toBe("OK");
    expect(run({ leaf: checkSig, stack: [sign(checkSig)], annex })).toBe("SCHNORR_SIG");
    expect(run({ leaf: checkSig, stack: [sign(checkSig, { annex })] })).toBe("SCHNORR_SIG");
    const other = Uint8Array.of(0x50, 1, 2, 4);
    expect(run({ leaf: checkSig, stack: [sign(checkSig, { annex })], annex: other })).toBe("SCHNORR_SIG");
  });

  test("alone in the witness it is a signature", () => {
    const spend = { ...tapSpend({ leaf: script("1") }), witness: [annex] };
    expect(verifySpend(spend, LAW)).toBe("SCHNORR_SIG_SIZE");
  });
});

describe("OP_SUCCESSx", () => {
  const opcodes = Array.from({ length: 256 }, (_, opcode) => opcode).filter(isOpSuccess);

  test("are 87 opcodes", () => {
    expect(opcodes.length).toBe(87);
  });

  test("succeed whatever else the script and the stack hold, unless discouraged", () => {
    for (const opcode of opcodes) {
      const leaf = Uint8Array.of(Op.RETURN, opcode, Op.PUSHDATA4);
      const stack = [new Uint8Array(521)];
      expect(run({ leaf, stack })).toBe("OK");
      expect(run({ leaf, stack }, LAW | ScriptFlag.DISCOURAGE_OP_SUCCESS)).toBe("DISCOURAGE_OP_SUCCESS");
    }
  });

  test("all others do not", () => {
    for (let opcode = Op.NOP; opcode <= 0xff; opcode++) {
      if (isOpSuccess(opcode)) continue;
      expect(run({ leaf: Uint8Array.of(Op.ZERO, opcode, Op.RETURN) })).not.toBe("OK");
    }
  });

  test("do not count within a push, nor behind a broken one", () => {
    expect(run({ leaf: script("0x02 0x5050 DROP 0") })).toBe("EVAL_FALSE");
    expect(run({ leaf: Uint8Array.of(Op.PUSHDATA1, 5, 0x50) })).toBe("BAD_OPCODE");
    expect(run({ leaf: script("1 IF 1 ELSE 0x7e ENDIF") })).toBe("OK");
  });

  test("mean nothing in version 0 scripts", () => {
    const witnessScript = script("1 0x50");
    const spend = { scriptPubKey: payToWitnessScriptHash(sha256(witnessScript)), witness: [witnessScript] };
    expect(verifySpend(spend, LAW)).toBe("BAD_OPCODE");
  });
});

describe("limits", () => {
  test("of stack items: 1,000, at the start and later", () => {
    const items = (count: number) => Array<Uint8Array>(count).fill(TRUE);
    const dropping = (count: number) => new ScriptBuilder().op(...Array<number>(count).fill(Op.DROP)).bytes();
    expect(run({ leaf: dropping(999), stack: items(1000) })).toBe("OK");
    expect(run({ leaf: dropping(1000), stack: items(1001) })).toBe("STACK_SIZE");
    const pushes = new ScriptBuilder().op(Op.ONE).raw(dropping(1000)).bytes();
    expect(run({ leaf: pushes, stack: items(1000) })).toBe("STACK_SIZE");
    expect(run({ leaf: new ScriptBuilder().op(Op.ONE).raw(dropping(999)).bytes(), stack: items(999) })).toBe("OK");
  });

  test("of bytes in an item: 520, in the witness and in the script", () => {
    const leaf = script("SIZE NIP");
    expect(run({ leaf, stack: [new Uint8Array(520)] })).toBe("OK");
    expect(run({ leaf, stack: [new Uint8Array(521)] })).toBe("PUSH_SIZE");
    expect(run({ leaf: new ScriptBuilder().push(new Uint8Array(520).fill(1)).bytes() })).toBe("OK");
    expect(run({ leaf: new ScriptBuilder().push(new Uint8Array(521).fill(1)).bytes() })).toBe("PUSH_SIZE");
  });

  test("of script bytes and operations: none", () => {
    const nops = new Uint8Array(20_000).fill(Op.NOP);
    expect(run({ leaf: concatBytes(nops, script("1")) })).toBe("OK");
    const version0 = concatBytes(new Uint8Array(202).fill(Op.NOP), script("1"));
    const spend = (witnessScript: Uint8Array) => ({
      scriptPubKey: payToWitnessScriptHash(sha256(witnessScript)),
      witness: [witnessScript],
    });
    expect(verifySpend(spend(version0), LAW)).toBe("OP_COUNT");
    expect(verifySpend(spend(version0.subarray(1)), LAW)).toBeUndefined();
  });
});

describe("conditions", () => {
  const leaf = script("IF 1 ELSE 1 ENDIF");
  const not = script("NOTIF 1 ELSE 1 ENDIF");

  test.each([
    ["empty", EMPTY_BYTES, "OK"],
    ["01", TRUE, "OK"],
    ["02", Uint8Array.of(2), "TAPSCRIPT_MINIMALIF"],
    ["00", Uint8Array.of(0), "TAPSCRIPT_MINIMALIF"],
    ["80", Uint8Array.of(0x80), "TAPSCRIPT_MINIMALIF"],
    ["0100", Uint8Array.of(1, 0), "TAPSCRIPT_MINIMALIF"],
  ])("%s", (_, condition, expected) => {
    expect(run({ leaf, stack: [condition] })).toBe(expected);
    expect(run({ leaf: not, stack: [condition] })).toBe(expected);
  });

  test("in version 0 are a matter of taste", () => {
    const spend = { scriptPubKey: payToWitnessScriptHash(sha256(leaf)), witness: [Uint8Array.of(2), leaf] };
    expect(verifySpend(spend, LAW)).toBeUndefined();
    expect(verifySpend(spend, LAW | ScriptFlag.MINIMALIF)).toBe("MINIMALIF");
  });
});

describe("signatures", () => {
  test.each([0, 1, 2, 3, 0x81, 0x82, 0x83])("hash type %i", (hashType) => {
    expect(run({ leaf: checkSig, stack: [sign(checkSig, { hashType })] })).toBe("OK");
  });

  test("of an unknown hash type, or 0 spelled out, end the script", () => {
    const signature = sign(checkSig);
    for (const hashType of [0, 4, 0x80, 0x84, 0xff]) {
      const stack = [concatBytes(signature, Uint8Array.of(hashType))];
      expect(run({ leaf: checkSig, stack })).toBe("SCHNORR_SIG_HASHTYPE");
    }
  });

  test("of another size end the script", () => {
    const signature = sign(checkSig);
    for (const wrong of [signature.subarray(1), concatBytes(signature, TRUE, TRUE), TRUE]) {
      expect(run({ leaf: checkSig, stack: [wrong] })).toBe("SCHNORR_SIG_SIZE");
    }
  });

  test("that are empty fail without ending it", () => {
    expect(run({ leaf: checkSig, stack: [EMPTY_BYTES] })).toBe("EVAL_FALSE");
    expect(run({ leaf: concatBytes(checkSig, script("NOT")), stack: [EMPTY_BYTES] }, ALL_SCRIPT_FLAGS)).toBe("OK");
    const verify = new ScriptBuilder().push(key).op(Op.CHECKSIGVERIFY, Op.ONE).bytes();
    expect(run({ leaf: verify, stack: [EMPTY_BYTES] })).toBe("CHECKSIGVERIFY");
    expect(run({ leaf: verify, stack: [sign(verify)] })).toBe("OK");
  });

  test("sign the leaf", () => {
    const other = concatBytes(checkSig, script("NOP"));
    expect(run({ leaf: other, stack: [sign(checkSig)] })).toBe("SCHNORR_SIG");
    expect(run({ leaf: other, stack: [sign(other)] })).toBe("OK");
  });

  test("in version 0 need 33-byte keys; 32 bytes are no key there", () => {
    const spend = { scriptPubKey: payToWitnessScriptHash(sha256(checkSig)), witness: [sign(checkSig), checkSig] };
    expect(verifySpend(spend, LAW & ~ScriptFlag.DERSIG)).toBe("EVAL_FALSE");
  });
});

describe("OP_CODESEPARATOR", () => {
  test("its position is signed, counted in instructions", () => {
    const leaf = concatBytes(script("0x02 0x0102 DROP CODESEPARATOR"), checkSig);
    expect(run({ leaf, stack: [sign(leaf, { codeSeparatorPosition: 2 })] })).toBe("OK");
    expect(run({ leaf, stack: [sign(leaf, { codeSeparatorPosition: 4 })] })).toBe("SCHNORR_SIG");
    expect(run({ leaf, stack: [sign(leaf)] })).toBe("SCHNORR_SIG");
  });

  test("the last one that ran counts, in branches not taken none", () => {
    const leaf = concatBytes(script("CODESEPARATOR 0 IF CODESEPARATOR ENDIF"), checkSig, script("CODESEPARATOR"));
    expect(run({ leaf, stack: [sign(leaf, { codeSeparatorPosition: 0 })] })).toBe("OK");
    expect(run({ leaf, stack: [sign(leaf, { codeSeparatorPosition: 3 })] })).toBe("SCHNORR_SIG");
  });

  test("is no matter of CONST_SCRIPTCODE here", () => {
    const leaf = script("CODESEPARATOR 1");
    expect(run({ leaf }, ALL_SCRIPT_FLAGS)).toBe("OK");
  });
});

describe("public keys", () => {
  const withKey = (publicKey: Uint8Array) => new ScriptBuilder().push(publicKey).op(Op.CHECKSIG).bytes();

  test("of no bytes end the script, also with an empty signature", () => {
    expect(run({ leaf: withKey(EMPTY_BYTES), stack: [new Uint8Array(64)] })).toBe("TAPSCRIPT_EMPTY_PUBKEY");
    expect(run({ leaf: withKey(EMPTY_BYTES), stack: [EMPTY_BYTES] })).toBe("TAPSCRIPT_EMPTY_PUBKEY");
  });

  test.each([1, 31, 33, 65])("of %i bytes have no meaning yet: any signature is one, unless discouraged", (size) => {
    const leaf = withKey(new Uint8Array(size).fill(2));
    expect(run({ leaf, stack: [TRUE] })).toBe("OK");
    expect(run({ leaf, stack: [EMPTY_BYTES] })).toBe("EVAL_FALSE");
    expect(run({ leaf, stack: [TRUE] }, LAW | ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE)).toBe(
      "DISCOURAGE_UPGRADABLE_PUBKEYTYPE",
    );
  });

  test("that are no point verify nothing", () => {
    expect(run({ leaf: withKey(new Uint8Array(32).fill(0xff)), stack: [new Uint8Array(64)] })).toBe("SCHNORR_SIG");
  });
});

describe("OP_CHECKSIGADD", () => {
  const two = new ScriptBuilder()
    .push(key)
    .op(Op.CHECKSIG)
    .push(key)
    .op(Op.CHECKSIGADD)
    .number(2)
    .op(Op.NUMEQUAL)
    .bytes();

  test("counts signatures", () => {
    const signature = sign(two);
    expect(run({ leaf: two, stack: [signature, signature] })).toBe("OK");
    expect(run({ leaf: two, stack: [EMPTY_BYTES, signature] })).toBe("EVAL_FALSE");
    expect(run({ leaf: two, stack: [signature, EMPTY_BYTES] })).toBe("EVAL_FALSE");
  });

  test("takes three items, the middle one a number", () => {
    const add = (...texts: string[]) =>
      concatBytes(script(texts.join(" ")), new ScriptBuilder().push(key).op(Op.CHECKSIGADD).bytes());
    expect(run({ leaf: add("0", "7") })).toBe("OK");
    expect(run({ leaf: add("7") })).toBe("INVALID_STACK_OPERATION");
    expect(run({ leaf: add("0", "0x05 0x0000000001") })).toBe("SCRIPTNUM");
    expect(run({ leaf: add("0", "0x04 0xffffff7f") })).toBe("OK");
  });

  test("exists in tapscript alone", () => {
    const spend = { scriptPubKey: payToWitnessScriptHash(sha256(two)), witness: [EMPTY_BYTES, EMPTY_BYTES, two] };
    expect(verifySpend(spend, LAW)).toBe("BAD_OPCODE");
    expect(verifySpend({ scriptPubKey: two, scriptSig: script("0 0") }, LAW)).toBe("BAD_OPCODE");
  });
});

describe("OP_CHECKMULTISIG", () => {
  test("is not available, unless it does not run", () => {
    expect(run({ leaf: script("0 0 0 CHECKMULTISIG") })).toBe("TAPSCRIPT_CHECKMULTISIG");
    expect(run({ leaf: script("0 0 0 CHECKMULTISIGVERIFY 1") })).toBe("TAPSCRIPT_CHECKMULTISIG");
    expect(run({ leaf: script("1 0 IF CHECKMULTISIG ENDIF") })).toBe("OK");
  });
});

describe("validation weight", () => {
  /** Checks a signature for an unknown key type `checks` times: free of curve work, but of full weight. */
  const checking = (checks: number, padding: number) => {
    const builder = new ScriptBuilder();
    for (let done = 0; done < checks; done++) builder.raw(script("1 0x01 0x02 CHECKSIGVERIFY"));
    return builder.push(new Uint8Array(padding).fill(1)).bytes();
  };
  /** Witness of one leaf: count, script and control block behind their lengths. */
  const weightOf = (leaf: Uint8Array) => 1 + (leaf.length < 0xfd ? 1 : 3) + leaf.length + 1 + 33;

  test("50 for each signature, from the witness size and 50 more", () => {
    const checks = 9;
    const padding = Array.from({ length: 400 }, (_, size) => size).findIndex(
      (size) => weightOf(checking(checks, size)) + 50 === 50 * checks,
    );
    expect(padding).toBeGreaterThan(75);
    const enough = checking(checks, padding);
    expect(weightOf(enough) + 50).toBe(50 * checks);
    expect(run({ leaf: enough })).toBe("OK");
    expect(run({ leaf: checking(checks, padding - 1) })).toBe("TAPSCRIPT_VALIDATION_WEIGHT");
  });

  test("the annex brings weight as well", () => {
    const leaf = checking(9, 300);
    expect(run({ leaf })).toBe("TAPSCRIPT_VALIDATION_WEIGHT");
    expect(run({ leaf, annex: new Uint8Array(200).fill(0x50) })).toBe("OK");
  });

  test("empty signatures cost nothing", () => {
    const builder = new ScriptBuilder();
    for (let done = 0; done < 40; done++) builder.raw(script("0 0x01 0x02 CHECKSIG DROP"));
    expect(run({ leaf: builder.op(Op.ONE).bytes() })).toBe("OK");
  });
});

describe("spending by key", () => {
  const output = portableSecp256k1.tweakXOnly(internalKey, tapTweakHash(internalKey))!;
  const tweaked = portableSecp256k1.tweakPrivateKey(new Uint8Array(32).fill(9), tapTweakHash(internalKey))!;
  const spend = { scriptPubKey: payToTaproot(output.x), value: 5n };
  const signature = (() => {
    const context = { annexHash: undefined, leafHash: undefined, codeSeparatorPosition: 0 };
    const hash = taprootSighash(spendingTransaction(spend).cache, 0, 0, context)!;
    return portableSecp256k1.signSchnorr(hash, tweaked, AUXILIARY);
  })();

  test("a signature by the output key, and nothing else", () => {
    expect(verifySpend({ ...spend, witness: [signature] }, ALL_SCRIPT_FLAGS)).toBeUndefined();
    expect(verifySpend({ ...spend, witness: [signature], value: 6n }, LAW)).toBe("SCHNORR_SIG");
    expect(verifySpend({ ...spend, witness: [EMPTY_BYTES] }, LAW)).toBe("SCHNORR_SIG_SIZE");
    expect(verifySpend({ ...spend, witness: [signature], scriptSig: script("1") }, LAW)).toBe("WITNESS_MALLEATED");
  });

  test("SIGHASH_SINGLE needs an output at the input's index", () => {
    const single = concatBytes(signature, Uint8Array.of(SighashType.SINGLE));
    expect(verifySpend({ ...spend, witness: [single] }, LAW)).toBe("SCHNORR_SIG");
  });

  test("a key hash of the same bytes is no taproot output", () => {
    expect(verifySpend({ scriptPubKey: payToPublicKeyHash(output.x.subarray(0, 20)), witness: [signature] }, LAW)).toBe(
      "INVALID_STACK_OPERATION",
    );
  });
});
