import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseJson } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { payToMultisig, payToScriptHash, payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { testKeys } from "@bitfleet/wallet/test-kit.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany, NETWORK, type Tip } from "../../chain/test-kit.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";

/** Calls about descriptors, signing and messages. What they answer is compared with Core in core-oracle-signing. */

const keys = testKeys(NETWORK.addressPrefixes);
const [first, second, third] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
const MULTISIG = payToMultisig(
  2,
  [first, second, third].map(({ publicKey }) => publicKey),
);
const WITNESS_OUTPUT = payToWitnessScriptHash(sha256(MULTISIG));
const OUTPUT = payToScriptHash(hash160(WITNESS_OUTPUT));

let folder: string;
let node: TestNode;
let tips: readonly Tip[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-signing-"));
  const funding = mine(GENESIS, {
    coinbaseValue: 4_000_000_000n,
    spoil: ([coinbase, ...rest]) => [
      new Transaction({ ...coinbase!, outputs: [...coinbase!.outputs, { value: 5000n, scriptPubKey: OUTPUT }] }),
      ...rest,
    ],
  });
  tips = [funding, ...mineMany(funding, 1)];
  node = await openTestNode(folder, tips);
});

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a call answers; errors as their text. */
const call = async (method: string, ...params: readonly unknown[]) => {
  const text = await node.resultText(method, params);
  return text.startsWith("error") ? text : JSON.parse(text);
};
const refusal = (code: number, message: string) => `error: ${JSON.stringify({ code, message })}`;

describe("signing", () => {
  /** An unsigned transaction that spends the output. */
  const unsigned = async (data = "00") => {
    const coinbase = tips[0]!.block.transactions[0]!;
    const vout = coinbase.outputs.findIndex(({ scriptPubKey }) => toHex(scriptPubKey) === toHex(OUTPUT));
    const outPoint = { txid: displayHash(coinbase.txid), vout };
    return { outPoint, hex: (await call("createrawtransaction", [outPoint], [{ data }])) as string };
  };
  const described = (outPoint: object) => ({
    ...outPoint,
    scriptPubKey: toHex(OUTPUT),
    witnessScript: toHex(MULTISIG),
    redeemScript: toHex(WITNESS_OUTPUT),
    amount: 0.00005,
  });

  test("one after the other, and brought together", async () => {
    const { outPoint, hex } = await unsigned();
    const prevtxs = [described(outPoint)];
    const one = await call("signrawtransactionwithkey", hex, [third.wif], prevtxs);
    expect(one).toMatchObject({
      complete: false,
      errors: [
        { ...outPoint, error: "CHECK(MULTI)SIG failing with non-zero signature (possibly need more signatures)" },
      ],
    });
    const both = await call("signrawtransactionwithkey", one.hex, [first.wif], prevtxs);
    expect(both).toEqual({ hex: expect.any(String), complete: true });
    const other = await call("signrawtransactionwithkey", hex, [first.wif], prevtxs);
    expect(await call("combinerawtransaction", [one.hex, other.hex])).toBe(both.hex);
  });

  test("an output that is not known, or whose value or script is not", async () => {
    const { outPoint, hex } = await unsigned();
    const { amount: _, ...withoutAmount } = described(outPoint);
    expect(await call("signrawtransactionwithkey", hex, [first.wif], [withoutAmount])).toMatch(
      /"code":-3,"message":"Missing amount for CTxOut\(nValue=21000000\.00000000, scriptPubKey=/,
    );
    const otherScript = { ...described(outPoint), scriptPubKey: toHex(WITNESS_OUTPUT) };
    expect(await call("signrawtransactionwithkey", hex, [first.wif], [otherScript])).toContain(
      "Previous output scriptPubKey mismatch:\\nOP_HASH160",
    );
    const unknown = await call("createrawtransaction", [{ txid: "11".repeat(32), vout: 0 }], [{ data: "00" }]);
    expect(await call("signrawtransactionwithkey", unknown, [first.wif])).toMatchObject({
      complete: false,
      errors: [{ error: "Input not found or already spent" }],
    });
  });

  test.each([
    ["no transaction", ["00", []], -22, "TX decode failed. Make sure the tx has at least one input."],
    ["no key", [undefined, ["x"]], -5, "Invalid private key"],
    ["no hash type", [undefined, [], [], "all"], -8, "'all' is not a valid sighash parameter."],
  ] as const)("%s is refused", async (_, [given, ...params], code, message) => {
    const hex = given ?? (await unsigned()).hex;
    expect(await call("signrawtransactionwithkey", hex, ...params)).toBe(refusal(code, message));
  });

  test("what cannot be brought together", async () => {
    const [a, b] = [(await unsigned()).hex, (await unsigned("01")).hex];
    const one = refusal(-22, "Missing transactions. At least two transactions required.");
    expect(await call("combinerawtransaction", [a])).toBe(one);
    expect(await call("combinerawtransaction", [a, "00"])).toBe(
      refusal(-22, "TX decode failed for tx 1. Make sure the tx has at least one input."),
    );
    expect(await call("combinerawtransaction", [a, a, b])).toBe(
      refusal(-8, "Transaction number 3 not compatible with first transaction"),
    );
    const unknown = await call("createrawtransaction", [{ txid: "11".repeat(32), vout: 0 }], [{ data: "00" }]);
    expect(await call("combinerawtransaction", [unknown, unknown])).toBe(
      refusal(-25, "Input not found or already spent"),
    );
  });
});

describe("descriptors", () => {
  const ranged = `wpkh(${first.xprv}/1h/<0;1>/*)`;

  test("are told about, without private keys", async () => {
    const info = await call("getdescriptorinfo", ranged);
    const text = (step: number) => withChecksum(`wpkh(${first.xpub}/1h/${step}/*)`);
    expect(info).toEqual({
      descriptor: text(0),
      multipath_expansion: [text(0), text(1)],
      checksum: withChecksum(ranged).slice(-8),
      isrange: true,
      issolvable: true,
      hasprivatekeys: true,
    });
    expect(await call("getdescriptorinfo", "raw(51)")).toMatchObject({ issolvable: false, hasprivatekeys: false });
    expect(await call("getdescriptorinfo", "raw(x)")).toBe(refusal(-5, "Raw script is not hex"));
  });

  test("give addresses for each index, first and last counted", async () => {
    const lists = await call("deriveaddresses", withChecksum(ranged), [3, 5]);
    expect(lists.map((list: readonly string[]) => list.length)).toEqual([3, 3]);
    expect(new Set(lists.flat()).size).toBe(6);
    expect((await call("deriveaddresses", withChecksum(ranged), 0))[0]).toHaveLength(1);
    expect(await call("deriveaddresses", withChecksum(`combo(${first.wif})`))).toHaveLength(3);
  });

  test.each([
    [withChecksum(ranged), undefined, -8, "Range must be specified for a ranged descriptor"],
    [withChecksum("addr(x)"), undefined, -5, "Address is not valid"],
    [ranged, 1, -5, "Missing checksum"],
    [withChecksum(`pkh(${first.wif})`), 1, -8, "Range should not be specified for an un-ranged descriptor"],
    [withChecksum(ranged), -1, -8, "End of range is too high"],
    [withChecksum(ranged), 2 ** 31, -8, "End of range is too high"],
    [withChecksum(ranged), [-1, 1], -8, "Range should be greater or equal than 0"],
    [withChecksum(ranged), [2, 1], -8, "Range specified as [begin,end] must not have begin after end"],
    [withChecksum(ranged), [5, 1_000_005], -8, "Range is too large"],
    [withChecksum(ranged), "1", -8, "Range must be specified as end or as [begin,end]"],
    [withChecksum(`wpkh(${first.xpub}/1h)`), undefined, -5, "Cannot derive script without private keys"],
    [withChecksum(`pk(${first.wif})`), undefined, -5, "Descriptor does not have a corresponding address"],
    [withChecksum(`unused(${first.wif})`), undefined, -1, "Unexpected empty result"],
  ])("%s with range %j is refused", async (descriptor, range, code, message) => {
    const params = range === undefined ? [descriptor] : [descriptor, range];
    expect(await call("deriveaddresses", ...params)).toBe(refusal(code, message));
  });

  test("that stand for too much are refused before they are read, and so are ranges of too many variants", async () => {
    const steps = (count: number) => Array.from({ length: count }, (_, step) => step).join(";");
    const many = withChecksum(`wpkh(${first.xpub}/<${steps(1000)}>/*)`);
    expect(await call("getdescriptorinfo", many)).toContain("Descriptor is too long");
    expect(await call("deriveaddresses", many, 0)).toContain("Descriptor is too long");
    expect(await call("scantxoutset", "start", [many])).toContain("Descriptor is too long");
    expect(await call("generatetodescriptor", 1, many)).toContain("Descriptor is too long");
    const three = withChecksum(`wpkh(${first.xpub}/<0;1;2>/*)`);
    const tooMany = refusal(-8, "Range is too large for a descriptor of 3 variants");
    expect(await call("deriveaddresses", three, [0, 700_000])).toBe(tooMany);
    expect(await call("scantxoutset", "start", [{ desc: three, range: 700_000 }])).toBe(tooMany);
  });

  test("leave turns to others while they are derived, the more the more keys they have", async () => {
    const turnsDuring = async (descriptor: string) => {
      let count = 0;
      let isOver = false;
      const take = () => {
        count++;
        if (!isOver) setImmediate(take);
      };
      setImmediate(take);
      await call("deriveaddresses", withChecksum(descriptor), 127).finally(() => {
        isOver = true;
      });
      return count;
    };
    const one = await turnsDuring(`wpkh(${first.xpub}/*)`);
    expect(one).toBeGreaterThan(1);
    expect(await turnsDuring(`wsh(multi(1,${Array(16).fill(`${first.xpub}/0/*`).join()}))`)).toBeGreaterThan(8 * one);
  });

  test("are derived no further once who asked has gone", async () => {
    const params = { descriptor: withChecksum(`wpkh(${first.xpub}/*)`), range: parseJson("900000") };
    const context = { positional: [1, 2], signal: AbortSignal.abort() };
    await expect(node.handlers.deriveaddresses(params as never, context as never)).rejects.toThrow("Shutting down");
  });

  test("find coins in their range", async () => {
    const members = [first, second, third].map(({ publicKey }) => toHex(publicKey)).join(",");
    const descriptor = `sh(wsh(multi(2,${members})))`;
    const found = await call("scantxoutset", "start", [{ desc: descriptor, range: 0 }]);
    expect(found.unspents).toMatchObject([{ scriptPubKey: toHex(OUTPUT), amount: 0.00005 }]);
    expect(found.unspents[0].desc).toMatch(/^sh\(wsh\(multi\(2,\[/);
    expect(await call("scantxoutset", "start", [{ desc: `pkh(${first.xpub}/1h)` }])).toBe(
      refusal(-5, `Cannot derive script without private keys: 'pkh(${first.xpub}/1h)'`),
    );
    expect(await call("scantxoutset", "start", [{ desc: descriptor, range: [2, 1] }])).toContain("begin after end");
    expect(await call("scantxoutset", "status")).toBeNull();
  });

  test("are paid to by the call that makes blocks, where they have one script", async () => {
    const ofRange = "Ranged descriptor not accepted. Maybe pass through deriveaddresses first?";
    expect(await call("generatetodescriptor", 1, `pkh(${first.xpub}/*)`)).toBe(refusal(-8, ofRange));
    expect(await call("generatetodescriptor", 1, `pkh(${first.xpub}/<0;1>)`)).toBe(
      refusal(-8, "Multipath descriptor not accepted"),
    );
  });
});

describe("multisig addresses", () => {
  const hexes = keys.map(({ publicKey }) => toHex(publicKey));

  test("of each kind", async () => {
    for (const [type, start] of [
      ["legacy", "sh(multi("],
      ["p2sh-segwit", "sh(wsh(multi("],
      ["bech32", "wsh(multi("],
    ]) {
      const made = await call("createmultisig", 2, hexes.slice(0, 3), type);
      expect(made.descriptor.startsWith(start)).toBe(true);
      expect(made.redeemScript).toBe(toHex(MULTISIG));
      expect(await call("deriveaddresses", made.descriptor)).toEqual([made.address]);
      expect(made.warnings).toBeUndefined();
    }
  });

  test.each([
    [[0, hexes], -8, "a multisignature address must require at least one key to redeem"],
    [[5, hexes], -8, "not enough keys supplied (got 4 keys, but need at least 5 to redeem)"],
    [[1, ["x"]], -5, 'Pubkey "x" must be a hex string'],
    [[1, ["02"]], -5, 'Pubkey "02" must have a length of either 33 or 65 bytes'],
    [[1, Array(16).fill(hexes[0])], -8, "redeemScript exceeds size limit: 547 > 520"],
    [[1, hexes, "bech32m"], -5, "createmultisig cannot create bech32m multisig addresses"],
    [[1, hexes, "x"], -5, "Unknown address type 'x'"],
  ])("%j is refused", async (params, code, message) => {
    expect(await call("createmultisig", ...params)).toBe(refusal(code, message));
  });

  test("the most keys", async () => {
    expect(await call("createmultisig", 1, Array(15).fill(hexes[0]))).toHaveProperty("address");
    expect(await call("createmultisig", 1, Array(20).fill(hexes[0]), "bech32")).toHaveProperty("address");
    expect(await call("createmultisig", 1, Array(21).fill(hexes[0]), "bech32")).toContain("Number of keys involved");
  });
});

describe("messages", () => {
  test("are signed and checked", async () => {
    const [address] = await call("deriveaddresses", withChecksum(`pkh(${first.wif})`));
    const signature = await call("signmessagewithprivkey", first.wif, "message");
    expect(await call("verifymessage", address, signature, "message")).toBe(true);
    expect(await call("verifymessage", address, signature, "another")).toBe(false);
    expect(await call("signmessagewithprivkey", "x", "")).toBe(refusal(-5, "Invalid private key"));
    expect(await call("verifymessage", "x", signature, "")).toBe(refusal(-5, "Invalid address"));
    expect(await call("verifymessage", address, "?", "")).toBe(refusal(-3, "Malformed base64 encoding"));
    const [witness] = await call("deriveaddresses", withChecksum(`wpkh(${first.wif})`));
    expect(await call("verifymessage", witness, signature, "")).toBe(refusal(-3, "Address does not refer to key"));
  });
});
