import { describe, expect, test } from "vitest";
import { moneyTexts } from "../money/texts.ts";
import { deviceKey } from "../parts/device-keys.ts";
import { texts } from "./texts.ts";
import { addressWanted, keyWanted, paymentWanted, psbtWanted, takenOf, type Wanted, watchedWanted } from "./wanted.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const MAIN = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const PSBT = "cHNidP8BAHUCAAAAASaBcTce3/KF6Tet7qSze3gADAVmy7OtZGQXE8pCFxv2AAAAAAD+////";
const KEY = "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617";
const WORDS = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const TPUB = `tpub${"D6NzVbkrYhZ4X".repeat(9).slice(0, 107)}`;

const isOurs = (address: string) => (address === ADDRESS ? undefined : "not of this network");
const fields: Readonly<Record<string, Wanted>> = {
  payment: paymentWanted("regtest", isOurs),
  contact: addressWanted("regtest", isOurs),
  watched: watchedWanted("regtest", (text) => (text === ADDRESS || text === TPUB ? undefined : "cannot be watched")),
  psbt: psbtWanted,
};
const take = (field: string, text: string) => takenOf({ kind: "text", text }, fields[field]!);
const LINK = `bitcoin:${ADDRESS}?amount=0.5&label=Tea`;

test.each([
  ["payment", ADDRESS, ADDRESS],
  ["payment", ADDRESS.toUpperCase(), ADDRESS],
  ["payment", LINK, LINK],
  ["payment", ` ${LINK}\n`, LINK],
  ["contact", ADDRESS.toUpperCase(), ADDRESS],
  ["contact", LINK, ADDRESS],
  ["contact", LINK.toUpperCase(), ADDRESS],
  ["watched", TPUB, TPUB],
  ["watched", ADDRESS.toUpperCase(), ADDRESS],
  ["watched", LINK, ADDRESS],
  ["psbt", PSBT, PSBT],
  ["psbt", "70736274FF0100", "cHNidP8BAA=="],
])("%s takes %s", (field, text, value) => {
  expect(take(field, text)).toEqual({ value });
});

const { code, kinds, wanted } = texts;
test.each([
  ["payment", MAIN, "not of this network"],
  ["payment", `bitcoin:${MAIN}`, moneyTexts.uri.elsewhere("the main network", "regtest")],
  ["payment", PSBT, code.otherKind(kinds.psbt, wanted.payment)],
  ["payment", TPUB, code.otherKind(kinds.watched, wanted.payment)],
  ["payment", "https://example.org/", code.other(wanted.payment)],
  ["contact", `bitcoin:${ADDRESS}?req-escrow=1`, 'The payment URI requires "escrow", which is not supported here.'],
  ["contact", MAIN, "not of this network"],
  ["watched", MAIN, "cannot be watched"],
  ["watched", `wpkh(${TPUB})`, "cannot be watched"],
  ["watched", PSBT, code.otherKind(kinds.psbt, wanted.watched)],
  ["psbt", LINK, code.otherKind(kinds.payment, wanted.psbt)],
  ["psbt", ADDRESS, code.otherKind(kinds.address, wanted.psbt)],
  ["payment", `0200000001${"ab".repeat(60)}`, code.otherKind(kinds.transaction, wanted.payment)],
])("%s says of %s why not", (field, text, problem) => {
  expect(take(field, text)).toEqual({ problem });
});

describe.each(Object.keys(fields))("a secret for %s", (field) => {
  test("is told by its kind and repeated in no part", () => {
    expect(take(field, WORDS)).toEqual({ problem: code.phrase });
    expect(take(field, KEY)).toEqual({ problem: code.privateKey });
    expect(takenOf({ kind: "bytes", size: 16 }, fields[field]!)).toEqual({ problem: code.phrase });
    expect(takenOf({ kind: "bytes", size: 17 }, fields[field]!)).toEqual({ problem: code.bytes });
  });
});

describe("a private key where one is wanted", () => {
  const key = keyWanted((text) => (text === KEY ? undefined : "not this one"));
  const scanned = (text: string) => takenOf({ kind: "text", text }, key);

  test("is taken, or said why not", () => {
    expect(scanned(` ${KEY}\n`)).toEqual({ value: KEY });
    expect(scanned(`p2wpkh:${KEY}`)).toEqual({ problem: "not this one" });
    expect(scanned("6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg")).toEqual({ problem: "not this one" });
  });

  test("is no phrase, and no address", () => {
    expect(scanned(WORDS)).toEqual({ problem: code.phrase });
    expect(takenOf({ kind: "bytes", size: 32 }, key)).toEqual({ problem: code.phrase });
    expect(scanned(ADDRESS)).toEqual({ problem: code.otherKind(kinds.address, wanted.key) });
    expect(scanned("milk and bread")).toEqual({ problem: code.other(wanted.key) });
  });
});

test("a secret is not handed on to be looked at", () => {
  const asked: string[] = [];
  const take: Wanted["take"] = (text) => {
    asked.push(text);
    return { value: text };
  };
  for (const text of [WORDS, KEY]) takenOf({ kind: "text", text }, { what: "", kinds: [], take });
  expect(asked).toEqual([]);
});

test("of several accounts of one kind each has its path in its title", () => {
  const account = (number: number) => deviceKey("wpkh", `[0f056943/84h/1h/${number}h]${TPUB}`);
  const taken = watchedWanted("regtest", () => undefined).takeKeys!([account(0), account(1)]);
  expect("choices" in taken && taken.choices.map(({ title }) => title)).toEqual([
    "Both kinds",
    "Segwit (BIP84) [0f056943/84h/1h/0h]",
    "Segwit (BIP84) [0f056943/84h/1h/1h]",
  ]);
});
