import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import * as templates from "@bitfleet/protocol/script/templates.ts";
import { seededRandom } from "@bitfleet/protocol/script/test-kit.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { randomDescriptor, testKeys } from "@bitfleet/wallet/test-kit.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NETWORK } from "../../chain/test-kit.ts";
import { type CorePair, fundedChain, openCorePair, scriptsOf, tellIfSkipped } from "./core-pair-test-kit.ts";
import { BITCOIND } from "./core-test-kit.ts";

/**
 * Descriptors, signing and signed messages beside Bitcoin Core: the same calls, the same text, error or not. Set
 * CORE_BITCOIND to the path of a bitcoind to run this.
 */
tellIfSkipped("core-oracle-signing");

const SEED = Number(process.env.SIGNING_SEED ?? 1);
const DESCRIPTOR_COUNT = 150;
const MUTATION_COUNT = 400;
const TRANSACTION_COUNT = 150;
const HASH_TYPES = [
  "DEFAULT",
  "ALL",
  "NONE",
  "SINGLE",
  "ALL|ANYONECANPAY",
  "NONE|ANYONECANPAY",
  "SINGLE|ANYONECANPAY",
] as const;

const keys = testKeys(NETWORK.addressPrefixes);
const COMPRESSED = keys.map(({ publicKey }) => publicKey);

const [A, B, C] = keys.map(({ xpub }) => xpub) as [string, string, string];
const X_ONLY = toHex(COMPRESSED[2]!.subarray(1));

/** Descriptors whose first outputs are in the chain. */
const SCANNED = [
  `pk(${toHex(COMPRESSED[0]!)})`,
  `combo([aabbccdd/1h]${B}/7)`,
  `sh(multi(1,${A}/1,${B}/*))`,
  `wsh(sortedmulti(2,${A}/<3;4>/*,${B},${C}/1))`,
  `sh(wsh(pkh([00000001/0]${A}/0)))`,
  `sh(wpkh(${keys[1]!.xprv}/0h/*h))`,
  `tr(${A}/*)`,
  `tr(${X_ONLY},{pk(${A}/2),{multi_a(2,${B},${C}/*),pk(${B}/1)}})`,
  `tr([01020304]${X_ONLY},{{pk(${C}),sortedmulti_a(1,${B},${A})},pk([0a0b0c0d/5]${A}/9)})`,
  `tr(${X_ONLY},{pk(${A}),pk(${A})})`,
  `rawtr(${C}/6)`,
  `tr(musig(${A},${B},${C})/0/*,pk(musig(${A},${B})))`,
];

/** An output of some kind, and what a caller must say of it besides. */
interface Output {
  readonly script: Uint8Array;
  readonly redeemScript?: string;
  readonly witnessScript?: string;
}

function outputOfKind(kind: number, pick: (bound: number) => number): Output {
  const key = COMPRESSED[pick(COMPRESSED.length)]!;
  const uncompressed = portableSecp256k1.publicKeyOf(keys[0]!.privateKey, false);
  const some = COMPRESSED.slice(0, 2 + pick(2));
  const multisig = templates.payToMultisig(1 + pick(some.length), some);
  const inP2sh = (script: Uint8Array): Output => ({
    script: templates.payToScriptHash(hash160(script)),
    redeemScript: toHex(script),
  });
  const inP2wsh = (script: Uint8Array): Output => ({
    script: templates.payToWitnessScriptHash(sha256(script)),
    witnessScript: toHex(script),
  });
  const keyHash = templates.payToWitnessPublicKeyHash(hash160(key));
  switch (kind) {
    case 0:
      return { script: templates.payToPublicKey(key) };
    case 1:
      return { script: templates.payToPublicKeyHash(hash160(key)) };
    case 2:
      return { script: templates.payToPublicKeyHash(hash160(uncompressed)) };
    case 3:
      return { script: multisig };
    case 4:
      return inP2sh(multisig);
    case 5:
      return inP2sh(templates.payToPublicKey(key));
    case 6:
      return { script: keyHash };
    case 7:
      return inP2sh(keyHash);
    case 8:
      return inP2wsh(multisig);
    case 9:
      return inP2wsh(templates.payToPublicKeyHash(hash160(key)));
    case 10: {
      const witness = inP2wsh(multisig);
      return {
        ...inP2sh(witness.script),
        ...(pick(2) ? { witnessScript: toHex(multisig) } : { redeemScript: toHex(multisig) }),
      };
    }
    case 11:
      return { script: templates.payToTaproot(key.subarray(1)) };
    case 12:
      return inP2wsh(templates.payToPublicKey(uncompressed));
    case 13:
      return { script: templates.payToAnchor() };
    default:
      return { script: fromHex("51") };
  }
}
const KIND_COUNT = 15;

describe.skipIf(BITCOIND === undefined)("Bitcoin Core and we read descriptors and sign alike", () => {
  let pair: CorePair;
  const multisigs = [2, 3].flatMap((count) => {
    const multisig = templates.payToMultisig(2, COMPRESSED.slice(0, count));
    const witness = templates.payToWitnessScriptHash(sha256(multisig));
    return [
      multisig,
      templates.payToScriptHash(hash160(multisig)),
      witness,
      templates.payToScriptHash(hash160(witness)),
    ].map((script) => ({ script, multisig }));
  });

  const chain = fundedChain([...multisigs.map(({ script }) => script), ...SCANNED.flatMap(scriptsOf)], 2);

  beforeAll(async () => {
    pair = await openCorePair(chain.tips);
  }, 60_000);

  afterAll(() => pair?.close());

  const expectSame = (method: string, params?: unknown) => pair.expectSame(method, params);

  test("random descriptors", async () => {
    const pick = seededRandom(SEED);
    for (let round = 0; round < DESCRIPTOR_COUNT; round++) {
      const text = randomDescriptor(pick, NETWORK.addressPrefixes);
      const info = await expectSame("getdescriptorinfo", [text]);
      if (info.startsWith("{")) {
        const { descriptor } = JSON.parse(info) as { descriptor: string };
        await expectSame("getdescriptorinfo", [descriptor]);
      }
      for (const range of [[], [2], [[5, 7]]]) await expectSame("deriveaddresses", [withChecksum(text), ...range]);
      await expectSame("scantxoutset", ["start", [{ desc: text, range: [0, 3] }]]);
    }
  }, 120_000);

  test("outputs found by descriptors", async () => {
    for (const descriptor of SCANNED) {
      const found = JSON.parse(await expectSame("scantxoutset", ["start", [{ desc: descriptor, range: 2 }]])) as {
        unspents: unknown[];
      };
      expect(found.unspents.length, descriptor).toBeGreaterThan(0);
    }
    await expectSame("scantxoutset", ["start", SCANNED]);
  });

  test("ranges", async () => {
    const ranged = `wpkh(${keys[0]!.xpub}/*)`;
    const ranges = [
      -1,
      0,
      1.5,
      "1",
      null,
      [1],
      [2, 1],
      [-1, 1],
      [-2, -1],
      [0, 2 ** 31],
      2 ** 31,
      [0, 1_000_000],
      [1, 2, 3],
    ];
    for (const range of [...ranges, [2 ** 31 - 1, 2 ** 31 - 1], {}, [], true, ["0", 1]]) {
      await expectSame("deriveaddresses", [withChecksum(ranged), range]);
      await expectSame("deriveaddresses", [withChecksum(`pkh(${keys[0]!.wif})`), range]);
      if (range !== null) await expectSame("scantxoutset", ["start", [{ desc: `pkh(${keys[0]!.wif})`, range }]]);
    }
    await expectSame("deriveaddresses", [ranged, 1]);
    await expectSame("deriveaddresses", [withChecksum(`pk(${keys[0]!.wif})`)]);
    await expectSame("deriveaddresses", [withChecksum("raw(51)")]);
    await expectSame("generatetodescriptor", [1, `wpkh(${keys[0]!.xpub}/<0;1>/0)`]);
    await expectSame("generatetodescriptor", [1, ranged]);
    await expectSame("generatetodescriptor", [1, `wpkh(${keys[0]!.xpub}/0h)`]);
    await expectSame("generateblock", [`wpkh(${keys[0]!.xpub}/*)`, []]);
  });

  test("descriptors with a slip", async () => {
    const pick = seededRandom(SEED + 1);
    const pieces = [
      "(",
      ")",
      ",",
      "/",
      "*",
      "h",
      "'",
      "[",
      "]",
      "{",
      "}",
      "<",
      ">",
      ";",
      "0",
      "1",
      "#",
      "a",
      "pk",
      "multi",
      "tr",
      "wsh(",
      "sh(",
    ];
    for (let round = 0; round < MUTATION_COUNT; round++) {
      const text = randomDescriptor(pick, NETWORK.addressPrefixes);
      const at = pick(text.length + 1);
      const slip = pieces[pick(pieces.length)]!;
      const spoiled =
        pick(2) === 0 ? text.slice(0, at) + text.slice(at + 1 + pick(3)) : text.slice(0, at) + slip + text.slice(at);
      const ours = await pair.node.resultText("getdescriptorinfo", [spoiled]);
      const theirs = await pair.core.resultText("getdescriptorinfo", [spoiled]);
      expect(ours, spoiled).toBe(theirs);
    }
  });

  test("random transactions, signed by one key after the other", async () => {
    const pick = seededRandom(SEED + 2);
    for (let round = 0; round < TRANSACTION_COUNT; round++) {
      const described = Array.from({ length: 1 + pick(3) }, (_, index) => {
        const { script, ...behind } = outputOfKind(pick(KIND_COUNT), pick);
        const amount = pick(8) === 0 ? {} : { amount: 1 + pick(5) };
        return {
          txid: toHex(sha256(Uint8Array.of(round & 0xff, index))),
          vout: pick(4),
          scriptPubKey: toHex(script),
          ...behind,
          ...amount,
        };
      });
      const known = pick(8) === 0 ? described.slice(1) : described;
      const inputs = described.map(({ txid, vout }) => ({ txid, vout }));
      const outputs = Array.from({ length: pick(3) }, (_, index) => ({ data: `0${index}` })).slice(0, 1);
      const created = await expectSame("createrawtransaction", [
        inputs,
        [...outputs, { mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn: 0.5 }],
      ]);
      let hex = JSON.parse(created) as string;
      for (let step = 0; step < 3; step++) {
        const wifs = keys.filter(() => pick(2) === 0).map(({ wif }) => wif);
        if (pick(3) === 0)
          wifs.push(encodeWif({ privateKey: keys[0]!.privateKey, compressed: false }, NETWORK.addressPrefixes));
        const hashType = pick(4) === 0 ? [] : [HASH_TYPES[pick(HASH_TYPES.length)]];
        const signed = await expectSame("signrawtransactionwithkey", [hex, wifs, known, ...hashType]);
        if (!signed.startsWith("{")) break;
        hex = (JSON.parse(signed) as { hex: string }).hex;
      }
    }
  });

  test("signatures that come together", async () => {
    const inputs = multisigs.map((_, index) => ({ txid: chain.txid, vout: chain.firstVout + index }));
    const prevtxs = multisigs.map(({ script, multisig }, index) => ({
      ...inputs[index]!,
      scriptPubKey: toHex(script),
      redeemScript: toHex(multisig),
      amount: 0.001,
    }));
    const created = JSON.parse(await expectSame("createrawtransaction", [inputs, [{ data: "00" }]])) as string;
    const parts: string[] = [created];
    for (const { wif } of keys.slice(0, 3)) {
      const signed = await expectSame("signrawtransactionwithkey", [created, [wif], prevtxs]);
      parts.push((JSON.parse(signed) as { hex: string }).hex);
    }
    for (const some of [parts, parts.toReversed(), parts.slice(0, 2), parts.slice(1, 3), [parts[1], parts[1]]]) {
      await expectSame("combinerawtransaction", [some]);
    }
    const other = JSON.parse(await expectSame("createrawtransaction", [inputs, [{ data: "01" }]])) as string;
    const unknown = JSON.parse(
      await expectSame("createrawtransaction", [[{ txid: "11".repeat(32), vout: 0 }], [{ data: "01" }]]),
    ) as string;
    for (const bad of [[], [created], [created, other], [created, "00"], [unknown, unknown], ["zz", created], [1, 1]]) {
      await expectSame("combinerawtransaction", [bad]);
    }
  });

  test("outputs described wrongly", async () => {
    const [{ wif, publicKey }] = keys as [(typeof keys)[0]];
    const txid = "11".repeat(32);
    const hex = JSON.parse(await expectSame("createrawtransaction", [[{ txid, vout: 0 }], [{ data: "00" }]])) as string;
    const script = toHex(templates.payToPublicKey(publicKey));
    const hash = toHex(templates.payToScriptHash(hash160(fromHex(script))));
    const witness = toHex(templates.payToWitnessScriptHash(sha256(fromHex(script))));
    const good = { txid, vout: 0, scriptPubKey: script, amount: 1 };
    const cases: unknown[] = [
      "x",
      {},
      { ...good, txid: 1 },
      { ...good, txid: "11" },
      { ...good, vout: -1 },
      { ...good, vout: 1.5 },
      { ...good, vout: "0" },
      { ...good, scriptPubKey: "zz" },
      { ...good, scriptPubKey: "" },
      { ...good, scriptPubKey: null },
      { ...good, amount: -1 },
      { ...good, amount: "x" },
      { ...good, amount: null },
      { ...good, scriptPubKey: hash },
      { ...good, scriptPubKey: hash, redeemScript: 1 },
      { ...good, scriptPubKey: hash, redeemScript: "zz" },
      { ...good, scriptPubKey: hash, redeemScript: "51" },
      { ...good, scriptPubKey: hash, redeemScript: script },
      { ...good, scriptPubKey: hash, witnessScript: script },
      { ...good, scriptPubKey: hash, redeemScript: script, witnessScript: "51" },
      { ...good, scriptPubKey: witness, redeemScript: script },
      { ...good, scriptPubKey: witness, witnessScript: "51" },
      { ...good, scriptPubKey: witness, witnessScript: script, redeemScript: script },
      { ...good, scriptPubKey: witness, witnessScript: script, redeemScript: witness },
      { ...good, unknown: 1 },
    ];
    for (const one of cases) await expectSame("signrawtransactionwithkey", [hex, [wif], [one]]);
    await expectSame("signrawtransactionwithkey", [hex, [wif], [good, { ...good, scriptPubKey: "51" }]]);
    for (const params of [
      [hex, ["x"]],
      [hex, [1]],
      ["zz", [wif]],
      ["", [wif]],
      [hex, [wif], null, "ALL"],
      [hex, [wif], [good], "all"],
      [hex, [wif], [good], ""],
      [hex, []],
    ]) {
      await expectSame("signrawtransactionwithkey", params);
    }
  });

  test("multisig addresses", async () => {
    const hexes = COMPRESSED.map(toHex);
    const uncompressed = toHex(portableSecp256k1.publicKeyOf(keys[0]!.privateKey, false));
    for (const type of ["legacy", "p2sh-segwit", "bech32", "bech32m", "x"]) {
      for (const required of [-1, 0, 1, 2, 3, 4])
        await expectSame("createmultisig", [required, hexes.slice(0, 3), type]);
      await expectSame("createmultisig", [1, [uncompressed, hexes[1]], type]);
      for (const count of [15, 16, 20, 21]) {
        await expectSame("createmultisig", [1, Array.from({ length: count }, () => hexes[0]), type]);
      }
    }
    for (const key of ["", "zz", "02", `05${hexes[0]!.slice(2)}`, `02${"ff".repeat(32)}`]) {
      await expectSame("createmultisig", [1, [key]]);
    }
  });

  test("signed messages", async () => {
    for (const message of ["", "message", "grüße", "x".repeat(300)]) {
      for (const { wif, publicKey } of keys) {
        const signature = JSON.parse(await expectSame("signmessagewithprivkey", [wif, message])) as string;
        const { address } = JSON.parse(
          await pair.node.resultText("decodescript", [toHex(templates.payToPublicKeyHash(hash160(publicKey)))]),
        ) as { address: string };
        for (const text of [message, `${message}.`]) await expectSame("verifymessage", [address, signature, text]);
        for (const spoiled of [
          "",
          "x",
          "====",
          `${signature}=`,
          signature.slice(0, -4),
          `A${signature.slice(1)}`,
          `/${signature.slice(1)}`,
        ]) {
          await expectSame("verifymessage", [address, spoiled, message]);
        }
      }
    }
    await expectSame("verifymessage", ["x", "", ""]);
    await expectSame("verifymessage", ["2NF2b3KS8xXb9XHvbRMXdZh8s5g92rUZHtp", "", ""]);
    await expectSame("signmessagewithprivkey", ["x", ""]);
  });
});
