import {
  amount,
  arr,
  bool,
  elision,
  hex,
  map,
  maybe,
  method,
  num,
  obj,
  optional,
  required,
  result,
  str,
  withDefault,
} from "./rpc-schema.ts";

const psbtParam = required("psbt", "string", "The PSBT in base 64");
const psbtsParam = required("txs", "strings", "The PSBTs in base 64", { itemName: "psbt" });
const versionParam = withDefault("psbt_version", "uint32", 2, "Version of the PSBT: 0 or 2");
const descriptorsText = 'Output descriptors, each as text or as {"desc": "text", "range": n or [n, n]}.';

const script = obj({ asm: str("The script's operations"), hex: hex("Its bytes"), type: str("What kind it is of") });
const outputScript = obj({
  asm: str("The script's operations"),
  desc: str("A descriptor of the script"),
  hex: hex("Its bytes"),
  address: maybe(str("Its address")),
  type: str("What kind it is of"),
});
const derivations = arr(
  obj({
    pubkey: str("The public key"),
    master_fingerprint: str("Which master key it comes from"),
    path: str("The path from there"),
  }),
);
const taprootDerivations = arr(
  obj({
    pubkey: str("The public key, x only"),
    master_fingerprint: str("Which master key it comes from"),
    path: str("The path from there"),
    leaf_hashes: arr(hex("Hash of a leaf in which it is")),
  }),
);
const musigParticipants = arr(
  obj({
    aggregate_pubkey: hex("The aggregate key"),
    participant_pubkeys: arr(hex("A key that it was made of")),
  }),
);
const musigShare = {
  participant_pubkey: hex("Whose it is"),
  aggregate_pubkey: hex("The aggregate key that is signed for"),
  leaf_hash: maybe(hex("The leaf that is signed for; absent for the key path")),
};
const proprietary = arr(
  obj({
    identifier: hex("Whose pair it is"),
    subtype: num("Its type there"),
    key: hex("The whole key"),
    value: hex("The value"),
  }),
);
const unknown = map("key", hex("A value that nobody here knows"));
const preimages = map("hash", hex("What the hash is of"));

const input = obj({
  non_witness_utxo: maybe(obj({ "": elision("The transaction that is spent from, as in decoderawtransaction") })),
  witness_utxo: maybe(obj({ amount: amount("Its value in BTC"), scriptPubKey: outputScript })),
  partial_signatures: maybe(map("pubkey", str("The key's signature"))),
  sighash: maybe(str("What signatures leave open")),
  redeem_script: maybe(script),
  witness_script: maybe(script),
  bip32_derivs: maybe(derivations),
  final_scriptSig: maybe(obj({ asm: str("The script's operations"), hex: hex("Its bytes") })),
  final_scriptwitness: maybe(arr(hex("An item of the witness"))),
  ripemd160_preimages: maybe(preimages),
  sha256_preimages: maybe(preimages),
  hash160_preimages: maybe(preimages),
  hash256_preimages: maybe(preimages),
  previous_txid: maybe(hex("The transaction that is spent from (version 2)")),
  previous_vout: maybe(num("Index of the output that is spent")),
  sequence: maybe(num("The input's sequence number")),
  time_locktime: maybe(num("Least lock time that the input takes, as a time")),
  height_locktime: maybe(num("Least lock time that the input takes, as a height")),
  taproot_key_path_sig: maybe(hex("Signature of the key path")),
  taproot_script_path_sigs: maybe(
    arr(obj({ pubkey: str("The key, x only"), leaf_hash: str("The leaf"), sig: str("The signature") })),
  ),
  taproot_scripts: maybe(
    arr(
      obj({
        script: hex("A leaf's script"),
        leaf_ver: num("Its version"),
        control_blocks: arr(hex("A way to the root")),
      }),
    ),
  ),
  taproot_bip32_derivs: maybe(taprootDerivations),
  taproot_internal_key: maybe(hex("The internal key, x only")),
  taproot_merkle_root: maybe(hex("Root of the scripts")),
  musig2_participant_pubkeys: maybe(musigParticipants),
  musig2_pubnonces: maybe(arr(obj({ ...musigShare, pubnonce: hex("The public nonce") }))),
  musig2_partial_sigs: maybe(arr(obj({ ...musigShare, partial_sig: hex("The partial signature") }))),
  proprietary: maybe(proprietary),
  unknown: maybe(unknown),
});

const output = obj({
  redeem_script: maybe(script),
  witness_script: maybe(script),
  bip32_derivs: maybe(derivations),
  amount: maybe(amount("The output's value in BTC (version 2)")),
  script: maybe(outputScript),
  taproot_internal_key: maybe(hex("The internal key, x only")),
  taproot_tree: maybe(
    arr(obj({ depth: num("Depth of a leaf"), leaf_ver: num("Its version"), script: str("Its script") }), "Depth first"),
  ),
  taproot_bip32_derivs: maybe(taprootDerivations),
  musig2_participant_pubkeys: maybe(musigParticipants),
  proprietary: maybe(proprietary),
  unknown: maybe(unknown),
});

/** Methods about partially signed transactions (BIP174, BIP370). */
export const psbtMethods = {
  createpsbt: method({
    category: "rawtransactions",
    description:
      "Makes a PSBT that spends the given outputs and makes new ones (the creator of BIP 174).\nNothing is signed, kept or sent.",
    params: [
      required("inputs", "array", 'Outputs to spend: {"txid": "hex", "vout": n, "sequence": n}.'),
      required("outputs", "structure", 'Outputs to make: {"address": amount} or {"data": "hex"}, each once.'),
      withDefault("locktime", "int64", 0, "The lock time"),
      optional("replaceable", "bool", "Whether it signals that it may be replaced (BIP 125).", { defaultHint: "true" }),
      withDefault("version", "uint32", 2, "The transaction's version"),
      versionParam,
    ],
    results: result(str("The PSBT in base 64")),
    examples: [['[{"txid":"myid","vout":0}]', '[{"address":0.01}]']],
  }),

  converttopsbt: method({
    category: "rawtransactions",
    description: "Makes a PSBT of a transaction that nobody has signed yet.",
    params: [
      required("hexstring", "string", "The transaction's bytes in hex"),
      withDefault("permitsigdata", "bool", false, "Leave signatures out where there are some, rather than refuse."),
      optional("iswitness", "bool", "Whether the bytes are in the form with witnesses (true) or without (false).", {
        defaultHint: "whichever makes sense",
      }),
      versionParam,
    ],
    results: result(str("The PSBT in base 64")),
    examples: [['"rawtransaction"']],
  }),

  decodepsbt: method({
    category: "rawtransactions",
    description: "Shows what a PSBT holds.",
    params: [psbtParam],
    results: result(
      obj({
        tx: maybe(obj({ "": elision("The unsigned transaction (version 0), as in decoderawtransaction") })),
        global_xpubs: arr(
          obj({
            xpub: str("An extended public key"),
            master_fingerprint: hex("Which master key it comes from"),
            path: str("The path from there"),
          }),
        ),
        tx_version: maybe(num("The transaction's version (PSBT version 2)")),
        fallback_locktime: maybe(num("The lock time where no input asks for one")),
        input_count: maybe(num("How many inputs there are")),
        output_count: maybe(num("How many outputs there are")),
        inputs_modifiable: maybe(bool("Whether inputs may be added")),
        outputs_modifiable: maybe(bool("Whether outputs may be added")),
        has_sighash_single: maybe(bool("Whether a signature binds an output to its input's place")),
        psbt_version: num("The PSBT's version"),
        proprietary,
        unknown,
        inputs: arr(input),
        outputs: arr(output),
        fee: maybe(amount("The fee in BTC, where all that is spent is told")),
      }),
    ),
    examples: [['"psbt"']],
  }),

  combinepsbt: method({
    category: "rawtransactions",
    description: "Brings together what several PSBTs say of one transaction (the combiner of BIP 174).",
    params: [psbtsParam],
    results: result(str("The PSBT in base 64")),
    examples: [['["mybase64_1", "mybase64_2", "mybase64_3"]']],
  }),

  finalizepsbt: method({
    category: "rawtransactions",
    description:
      "Makes scripts and witnesses of the signatures in a PSBT and, where all are there, the transaction\n(the finalizer and extractor of BIP 174).",
    params: [psbtParam, withDefault("extract", "bool", true, "Answer the transaction where it is complete.")],
    results: result(
      obj({
        psbt: maybe(str("The PSBT in base 64, where no transaction is answered")),
        hex: maybe(hex("The transaction's bytes")),
        complete: bool("Whether every input is signed"),
      }),
    ),
    examples: [['"psbt"']],
  }),

  joinpsbts: method({
    category: "rawtransactions",
    description:
      "Makes one PSBT of version 0 with the inputs and outputs of several, in random order.\nNo two may spend the same output.",
    params: [psbtsParam],
    results: result(str("The PSBT in base 64")),
    examples: [['["mybase64_1", "mybase64_2"]']],
  }),

  analyzepsbt: method({
    category: "rawtransactions",
    description: "Tells how far a PSBT has come, and who is to have it next.",
    params: [psbtParam],
    results: result(
      obj({
        inputs: maybe(
          arr(
            obj({
              has_utxo: bool("Whether it tells what it spends"),
              is_final: bool("Whether it is signed and ready"),
              missing: maybe(
                obj({
                  pubkeys: maybe(arr(hex("HASH160 of a public key that is wanting"))),
                  signatures: maybe(arr(hex("HASH160 of a public key whose signature is wanting"))),
                  redeemscript: maybe(hex("HASH160 of a redeem script that is wanting")),
                  witnessscript: maybe(hex("SHA-256 of a witness script that is wanting")),
                }),
              ),
              next: maybe(str("Who is to have the input next")),
            }),
          ),
        ),
        estimated_vsize: maybe(num("Virtual size of the signed transaction, about")),
        estimated_feerate: maybe(amount("Its fee rate, about, in BTC/kvB")),
        fee: maybe(amount("The fee in BTC, where all that is spent is told")),
        next: str("Who is to have the PSBT next"),
        error: maybe(str("What is wrong with it")),
      }),
    ),
    examples: [['"psbt"']],
  }),

  utxoupdatepsbt: method({
    category: "rawtransactions",
    description:
      "Adds to a PSBT what chain, mempool and descriptors tell of the outputs that it spends and makes.\nNothing is signed.",
    params: [psbtParam, optional("descriptors", "array", descriptorsText)],
    results: result(str("The PSBT in base 64")),
    examples: [['"psbt"']],
  }),

  descriptorprocesspsbt: method({
    category: "rawtransactions",
    description:
      "Adds to a PSBT what chain, mempool and descriptors tell of the outputs that it spends and makes,\nand signs what the descriptors have private keys for.",
    params: [
      psbtParam,
      required("descriptors", "array", descriptorsText),
      optional(
        "sighashtype",
        "string",
        `What signatures leave open, where the PSBT does not tell. One of:
       "DEFAULT"
       "ALL"
       "NONE"
       "SINGLE"
       "ALL|ANYONECANPAY"
       "NONE|ANYONECANPAY"
       "SINGLE|ANYONECANPAY"`,
        { defaultHint: "DEFAULT for Taproot, ALL otherwise" },
      ),
      withDefault("bip32derivs", "bool", true, "Tell where public keys come from."),
      withDefault("finalize", "bool", true, "Make the scripts and witnesses of inputs that have all signatures."),
    ],
    results: result(
      obj({
        psbt: str("The PSBT in base 64"),
        complete: bool("Whether every input is signed"),
        hex: maybe(hex("The transaction's bytes, where it is complete")),
      }),
    ),
    examples: [
      ['"psbt"', '["descriptor1", "descriptor2"]'],
      ['"psbt"', '[{"desc":"mydescriptor", "range":21}]'],
    ],
  }),
} as const;
