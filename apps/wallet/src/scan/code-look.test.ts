import { describe, expect, test } from "vitest";
import { bbqrParts } from "../parts/bbqr.ts";
import { encodeCborBytes } from "../parts/cbor.ts";
import { ACCOUNT, MASTER_KEY } from "../parts/key-vectors.test-kit.ts";
import { PartReader } from "../parts/part-reader.ts";
import { messageOf } from "../parts/parts.test-kit.ts";
import { urParts } from "../parts/ur.ts";
import { CodeLook } from "./code-look.ts";
import { texts } from "./texts.ts";
import { cosignerWanted, paymentWanted, psbtWanted, type Wanted, watchedWanted } from "./wanted.ts";

const PSBT = Uint8Array.from([0x70, 0x73, 0x62, 0x74, 0xff, ...messageOf(400)]);
const BASE64 = btoa(String.fromCharCode(...PSBT));
const WORDS = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const TPUB =
  "tpubDC8msFGeGuwnKG9Upg7DM2b4DaRqg3CUZa5g8v2SRQ6K4NSkxUgd7HsL2XVWbVm39yBA4LAxysQAm397zwQSQoQgewGiYZqrA9DsP4zbQ1M";
const watched = watchedWanted("main", () => undefined);
const payment = paymentWanted("main", () => undefined);
const utf8 = (text: string) => new TextEncoder().encode(text);

function codeLook() {
  let loadCount = 0;
  const codes = new CodeLook({
    newPartReader: async () => {
      loadCount++;
      return new PartReader();
    },
    nowMs: () => 0,
  });
  return { codes, loadCount: () => loadCount };
}

/** What came of the last of them. */
async function lookAt(texts: readonly string[], wanted: Wanted) {
  const { codes } = codeLook();
  return (await Promise.all(texts.map((text) => codes.look({ kind: "text", text }, wanted)))).at(-1)!;
}

const urPsbt = urParts("crypto-psbt", encodeCborBytes(PSBT), 100);
const plain = (parts: typeof urPsbt) => Array.from({ length: parts.count }, (_, place) => parts.part(place + 1));
const specter = (text: string) => [`p1of2 ${text.slice(0, 50)}`, `p2of2 ${text.slice(50)}`];
const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

describe("a PSBT is taken", () => {
  test.each([
    ["of UR", plain(urPsbt)],
    ["of UR's second version", plain(urParts("psbt", encodeCborBytes(PSBT), 100))],
    ["of UR's bytes", plain(urParts("bytes", encodeCborBytes(PSBT), 100))],
    ["of one code of UR", [urParts("crypto-psbt", encodeCborBytes(PSBT), 1_000).part(1)]],
    ["of BBQr", bbqrParts("P", PSBT, 100)],
    ["of base64 in BBQr", bbqrParts("P", utf8(BASE64), 100)],
    ["of hex in BBQr", bbqrParts("U", utf8(hexOf(PSBT).toUpperCase()), 100)],
    ["of Specter", specter(BASE64)],
    ["of hex in one code", [hexOf(PSBT).toUpperCase()]],
  ])("%s", async (_name, parts) => {
    expect(await lookAt(parts, psbtWanted)).toEqual({ value: BASE64 });
    if (parts.length === 1) return;
    expect(await lookAt(parts.slice(0, -1), psbtWanted)).toEqual({
      gathered: { found: parts.length - 1, wanted: parts.length },
    });
  });
});

test("a signed transaction is taken as a PSBT, in one code and in parts", async () => {
  const transaction = `0200000001${"07".repeat(32)}000000000151fdffffff010500000000000000015100000000`;
  const { value } = await lookAt([transaction.toUpperCase()], psbtWanted);
  expect(value).toMatch(/^cHNidP8BAD/u);
  const bytes = Uint8Array.from({ length: transaction.length / 2 }, (_, at) =>
    Number.parseInt(transaction.slice(2 * at, 2 * at + 2), 16),
  );
  expect((await lookAt(bbqrParts("T", bytes, 30), psbtWanted)).value).toBe(value);
});

test("what reads parts is loaded with the first of them", async () => {
  const { codes, loadCount } = codeLook();
  await codes.look({ kind: "text", text: BASE64 }, psbtWanted);
  expect(loadCount()).toBe(0);
  for (const number of [1, 2]) await codes.look({ kind: "text", text: urPsbt.part(number) }, psbtWanted);
  expect(loadCount()).toBe(1);
});

test("where it is not loaded it is tried again with the next one", async () => {
  let loadCount = 0;
  const codes = new CodeLook({
    newPartReader: async () => {
      if (++loadCount === 1) throw new Error("offline");
      return new PartReader();
    },
    nowMs: () => 0,
  });
  const content = { kind: "text", text: urPsbt.part(1) } as const;
  await expect(codes.look(content, psbtWanted)).rejects.toThrow("offline");
  expect(await codes.look(content, psbtWanted)).toEqual({ gathered: { found: 1, wanted: urPsbt.count } });
});

describe("a part", () => {
  test("of another message is told, and begins anew on purpose", async () => {
    const { codes } = codeLook();
    const look = (text: string) => codes.look({ kind: "text", text }, psbtWanted);
    const other = bbqrParts("P", PSBT, 100);
    await look(urPsbt.part(1));
    expect(await look(other[0]!)).toEqual({
      gathered: { found: 1, wanted: urPsbt.count },
      problem: texts.parts.foreign,
      isForeign: true,
    });
    // The first one goes on, and is told no more.
    expect(await look(urPsbt.part(2))).toEqual({ gathered: { found: 2, wanted: urPsbt.count } });
    codes.beginAnew();
    expect(await look(other[0]!)).toEqual({ gathered: { found: 1, wanted: other.length } });
  });

  test("is refused at once where all of them would be of no use", async () => {
    const { code, kinds, parts } = texts;
    expect(await lookAt([urPsbt.part(1)], payment)).toEqual({
      gathered: undefined,
      problem: code.otherKind(kinds.psbt, payment.what),
    });
    expect((await lookAt([urPsbt.part(1)], watched)).problem).toBe(code.otherKind(kinds.psbt, watched.what));
    expect((await lookAt([ACCOUNT], psbtWanted)).problem).toBe(code.otherKind(kinds.watched, psbtWanted.what));
    expect((await lookAt(["B$HT0400AABB"], payment)).problem).toBe(code.otherKind(kinds.transaction, payment.what));
    expect((await lookAt(["B$HX0400AABB"], psbtWanted)).problem).toBe(parts.unknown("B$HX0400AABB", psbtWanted.what));
    expect((await lookAt(["ur:eth-sign-request/1-2/aeaeaeae"], psbtWanted)).problem).toBe(
      parts.unknown("ur:eth-sign-request", psbtWanted.what),
    );
  });

  test("that is damaged is told, and so is a whole that is", async () => {
    expect((await lookAt([urPsbt.part(1).slice(0, -1)], psbtWanted)).problem).toBe(texts.parts.damaged);
    expect((await lookAt(["B$ZP0100AAAAAAAA"], psbtWanted)).problem).toBe(texts.parts.spoilt);
    expect((await lookAt(["p1of9999 x"], psbtWanted)).problem).toBe(texts.parts["too-many"]);
  });
});

describe("an account of a device", () => {
  test("has what it can be watched by chosen from", async () => {
    const { choices = [] } = await lookAt([ACCOUNT], watched);
    expect(choices.map(({ title }) => title)).toEqual([
      "All 4 kinds",
      "Legacy (BIP44)",
      "Nested segwit (BIP49)",
      "Segwit (BIP84)",
      "Taproot (BIP86)",
    ]);
    expect(choices[0]!.value.split("\n")).toEqual(choices.slice(1).map(({ value }) => value));
  });

  test("is taken as it is where one of them fits", async () => {
    const wanted = watchedWanted("main", (text) => (text.startsWith("tr(") ? undefined : "no"));
    expect((await lookAt([ACCOUNT], wanted)).value).toMatch(/^tr\(\[37b5eed4\/86h/u);
    const none = watchedWanted("test", () => "of another network");
    expect((await lookAt([ACCOUNT], none)).problem).toBe("of another network");
  });

  test("comes as JSON in a code, in parts, or in a file", async () => {
    const account = (deriv: string) => ({ deriv, xpub: TPUB });
    const json = JSON.stringify({ xfp: "0f056943", bip84: account("m/84h/1h/0h"), bip86: account("m/86h/1h/0h") });
    for (const codes of [
      [json],
      bbqrParts("J", utf8(json), 60),
      plain(urParts("bytes", encodeCborBytes(utf8(json)), 60)),
    ]) {
      expect((await lookAt(codes, watched)).choices?.map(({ title }) => title)).toEqual([
        "Both kinds",
        "Segwit (BIP84)",
        "Taproot (BIP86)",
      ]);
      expect((await lookAt(codes, payment)).problem).toBe(texts.code.otherKind(texts.kinds.watched, payment.what));
    }
  });

  test("has one key for a shared wallet", async () => {
    const cosigner = cosignerWanted(() => undefined);
    expect((await lookAt([ACCOUNT], cosigner)).value).toMatch(/^\[37b5eed4\/48h\/0h\/0h\/2h\]xpub\w+$/u);
    const json = JSON.stringify({ xfp: "0f056943", bip84: { deriv: "m/84h/1h/0h", xpub: TPUB } });
    // The field reads such files itself.
    expect((await lookAt([json], cosigner)).value).toBe(json);
    const refusing = cosignerWanted(() => "none for shared wallets");
    expect((await lookAt([ACCOUNT], refusing)).problem).toBe("none for shared wallets");
    expect((await lookAt([json], refusing)).problem).toBe(texts.code.noCosigner);
  });

  test("with keys of cosigners alone has no addresses", async () => {
    const json = JSON.stringify({ xfp: "0f056943", p2wsh_deriv: "m/48h/1h/0h/2h", p2wsh: TPUB });
    expect((await lookAt([json], watched)).problem).toBe(texts.code.cosigners);
  });
});

describe("a secret in parts is told by its kind, and repeated in no part", () => {
  test.each([
    ["a phrase in BBQr", bbqrParts("U", utf8(WORDS), 20), texts.code.phrase],
    ["a phrase in UR", plain(urParts("bytes", encodeCborBytes(utf8(WORDS)), 20)), texts.code.phrase],
    ["a phrase of Specter", specter(WORDS), texts.code.phrase],
    ["the entropy of one", [urParts("bytes", encodeCborBytes(messageOf(16, "a")), 99).part(1)], texts.code.phrase],
    ["a private key of UR", [MASTER_KEY], texts.code.privateKey],
    ["a seed of UR", ["ur:seed/oeadgdstaslplabghydrpfmkbggufgludprfgmaotpiecffltnlpqdenos"], texts.code.privateKey],
    ["a part of one", ["ur:crypto-seed/1-2/aeaeaeae"], texts.code.privateKey],
    ["in JSON", [JSON.stringify({ xfp: "0f056943", mnemonic: WORDS })], texts.code.phrase],
  ])("%s", async (_name, codes, problem) => {
    for (const wanted of [psbtWanted, watched, payment]) {
      const looked = await lookAt(codes, wanted);
      expect(JSON.stringify(looked)).not.toContain("abandon");
      // Of keys a field that wants none says so before they are read.
      if (codes[0] !== MASTER_KEY || wanted === watched) expect(looked).toEqual({ gathered: undefined, problem });
      expect(looked.value).toBeUndefined();
    }
  });
});
