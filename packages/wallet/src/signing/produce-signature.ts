import { concatBytes, EMPTY_BYTES, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, ripemd160 } from "@bitfleet/protocol/crypto/hash.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { Op, opcodeOfSmallNumber } from "@bitfleet/protocol/script/opcodes.ts";
import { pushData } from "@bitfleet/protocol/script/script.ts";
import { type OutputTemplate, payToPublicKeyHash, templateOf } from "@bitfleet/protocol/script/templates.ts";
import { verifyScript } from "@bitfleet/protocol/script/verify.ts";
import { satisfyWitnessScript } from "./miniscript-solver.ts";
import type { SignatureData } from "./signature-data.ts";
import type { EcdsaVersion, SignatureMaker } from "./signature-maker.ts";
import { ecdsaSignatureOf, publicKeyOfHash, type SignatureSources } from "./signature-sources.ts";
import type { SigningMaterial } from "./signing-material.ts";
import { solveTaproot } from "./taproot-solver.ts";

/** What goes before a script to satisfy it, as far as could be made. */
interface Step {
  readonly isSolved: boolean;
  readonly items: readonly Uint8Array[];
}

const UNSOLVED: Step = { isSolved: false, items: [] };

/**
 * Brings an input's script and witness as far as keys and scripts at hand allow, by what kind of output it spends.
 * Signatures that `data` holds are used, new ones added to it.
 */
export function produceSignature(
  scriptPubKey: Uint8Array,
  data: SignatureData,
  material: SigningMaterial,
  maker: SignatureMaker,
): void {
  if (data.isComplete) return;
  const solver = new Solver({ data, material, maker });
  let script = scriptPubKey;
  let step = solver.solve(script, "base");
  const isP2sh = templateOf(script).type === "scripthash" && step.isSolved;
  if (isP2sh) {
    script = step.items[0]!;
    data.redeemScript = script;
    step = templateOf(script).type === "scripthash" ? UNSOLVED : solver.solve(script, "base");
  }
  const template = templateOf(script);
  const witness = witnessOf(template, step, solver, data, isP2sh);
  if (witness !== undefined) {
    data.isWitness = true;
    step = { isSolved: witness.isSolved, items: [] };
    data.witness = witness.items;
  } else {
    data.witness = [];
  }
  data.scriptSig = pushAll(isP2sh ? [...step.items, script] : step.items);
  data.isComplete =
    step.isSolved &&
    verifyScript(data.scriptSig, scriptPubKey, data.witness, STANDARD_SCRIPT_FLAGS, maker.checker) === undefined;
}

/** The witness of an output that has one; `undefined` for others, and where not even its script is known. */
function witnessOf(
  template: OutputTemplate,
  step: Step,
  solver: Solver,
  data: SignatureData,
  isP2sh: boolean,
): Step | undefined {
  switch (template.type) {
    case "witness_v0_keyhash":
      return solver.solve(payToPublicKeyHash(template.hash), "witness-v0");
    case "witness_v0_scripthash": {
      if (!step.isSolved) return undefined;
      const script = step.items[0]!;
      data.witnessScript = script;
      const inner = solver.solveWitnessScript(script);
      return { isSolved: inner.isSolved, items: [...inner.items, script] };
    }
    case "witness_v1_taproot":
      if (isP2sh) return undefined;
      return step.isSolved ? step : { isSolved: false, items: data.witness };
    default:
      return undefined;
  }
}

/** No witness script is of these kinds. */
const NOT_IN_WITNESS: readonly OutputTemplate["type"][] = ["scripthash", "witness_v0_keyhash", "witness_v0_scripthash"];

class Solver {
  readonly #sources: SignatureSources;

  constructor(sources: SignatureSources) {
    this.#sources = sources;
  }

  /** For an output behind a hash: the script behind it. */
  solve(script: Uint8Array, sigVersion: EcdsaVersion): Step {
    const template = templateOf(script);
    switch (template.type) {
      case "pubkey":
        return solved(ecdsaSignatureOf(template.publicKey, script, sigVersion, this.#sources));
      case "pubkeyhash": {
        const publicKey = publicKeyOfHash(toHex(template.hash), this.#sources);
        const signature = publicKey && ecdsaSignatureOf(publicKey, script, sigVersion, this.#sources);
        return solved(signature, publicKey);
      }
      case "multisig":
        return this.#solveMultisig(template.required, template.publicKeys, script, sigVersion);
      case "scripthash": {
        const redeemScript = this.#scriptOf(toHex(template.hash));
        if (redeemScript === undefined) this.#sources.data.missing.redeemScript = template.hash;
        return solved(redeemScript);
      }
      case "witness_v0_scripthash": {
        const witnessScript = this.#scriptOf(toHex(ripemd160(template.hash)));
        if (witnessScript === undefined) this.#sources.data.missing.witnessScript = template.hash;
        return solved(witnessScript);
      }
      case "witness_v0_keyhash":
        return { isSolved: true, items: [template.hash] };
      case "witness_v1_taproot": {
        const witness = solveTaproot(template.outputKey, this.#sources);
        return witness === undefined ? UNSOLVED : { isSolved: true, items: witness };
      }
      case "anchor":
        return { isSolved: true, items: [] };
      default:
        return UNSOLVED;
    }
  }

  /** By its template, else as a miniscript. */
  solveWitnessScript(script: Uint8Array): Step {
    const { type } = templateOf(script);
    const step = this.solve(script, "witness-v0");
    const isSolved = step.isSolved && !NOT_IN_WITNESS.includes(type);
    // What stands there of a multisig in part is kept: it is where the next signer finds the signatures.
    if (isSolved || step.items.length > 0) return { ...step, isSolved };
    const items = satisfyWitnessScript(script, this.#sources);
    return items === undefined ? UNSOLVED : { isSolved: true, items };
  }

  /**
   * Of a multisig that cannot be completed: the signatures there are, and empty items for half of those that are wanting,
   * rounded up, which is what Core leaves; who signs next looks at signatures alone.
   */
  #solveMultisig(
    required: number,
    publicKeys: readonly Uint8Array[],
    script: Uint8Array,
    sigVersion: EcdsaVersion,
  ): Step {
    const signatures = publicKeys
      .map((key) => ecdsaSignatureOf(key, script, sigVersion, this.#sources))
      .filter((signature) => signature !== undefined)
      .slice(0, required);
    const isSolved = signatures.length === required;
    const blanks = Array<Uint8Array>(Math.ceil((required - signatures.length) / 2)).fill(EMPTY_BYTES);
    // CHECKMULTISIG takes one item more than it uses (BIP147: an empty one).
    return { isSolved, items: [EMPTY_BYTES, ...signatures, ...blanks] };
  }

  #scriptOf(hashHex: string): Uint8Array | undefined {
    const known = this.#sources.material.scripts.get(hashHex);
    if (known !== undefined) return known;
    const { redeemScript, witnessScript } = this.#sources.data;
    return [redeemScript, witnessScript].find((script) => script !== undefined && toHex(hash160(script)) === hashHex);
  }
}

/** Solved where nothing is wanting. */
function solved(...items: readonly (Uint8Array | undefined)[]): Step {
  const known = items.filter((item) => item !== undefined);
  return known.length === items.length ? { isSolved: true, items: known } : UNSOLVED;
}

/** A script that pushes each item in its shortest form (BIP62 rule 3). */
function pushAll(items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...items.map(shortestPush));
}

function shortestPush(item: Uint8Array): Uint8Array {
  const byte = item.length === 1 ? item[0]! : undefined;
  if (item.length === 0) return Uint8Array.of(Op.ZERO);
  if (byte === 0x81) return Uint8Array.of(Op.ONE_NEGATE);
  if (byte !== undefined && byte >= 1 && byte <= 16) return Uint8Array.of(opcodeOfSmallNumber(byte));
  return pushData(item);
}
