import { describe, expect, test } from "vitest";
import { isPaymentUri, readPayment } from "./read-payment.ts";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.uri;

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const MAIN = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const read = (text: string) => readPayment(text, "regtest");

test.each([
  ["bitcoin:x", true],
  ["  BITCOIN:X", true],
  ["bitcoin", false],
  [ADDRESS, false],
])("%j is a payment link: %s", (text, expected) => {
  expect(isPaymentUri(text)).toBe(expected);
});

describe("a payment link fills the form", () => {
  test("with address, amount and what it is for", () => {
    expect(read(`bitcoin:${ADDRESS}?amount=0.75&label=order%2018`)).toEqual({
      address: ADDRESS,
      sats: 75_000_000n,
      label: "order 18",
      note: undefined,
    });
  });

  test("with an address alone", () => {
    expect(read(`bitcoin:${ADDRESS}`)).toEqual({
      address: ADDRESS,
      sats: undefined,
      label: undefined,
      note: undefined,
    });
  });

  test("with the message in place of a label, and beside one", () => {
    expect(read(`bitcoin:${ADDRESS}?message=two%20hats`)).toMatchObject({ label: "two hats", note: undefined });
    expect(read(`bitcoin:${ADDRESS}?label=Shop&message=two%20hats`)).toMatchObject({
      label: "Shop",
      note: texts.message("two hats"),
    });
  });

  test("from a QR code in upper case, with the address as people read it", () => {
    expect(read(`BITCOIN:${ADDRESS.toUpperCase()}?AMOUNT=1`)).toMatchObject({ address: ADDRESS, sats: 100_000_000n });
  });

  test("without what would turn the words of the page around", () => {
    const link = `bitcoin:${ADDRESS}?label=Shop%E2%80%AE%20x&message=%E2%81%A7two%20hats`;
    expect(read(link)).toMatchObject({ label: "Shop x", note: texts.message("two hats") });
    expect(read(`bitcoin:${ADDRESS}?label=%E2%80%8FShop%D8%9C`)).toMatchObject({ label: "Shop" });
  });

  test("in one line, with as much of its message as leaves the form in sight", () => {
    const link = (message: string) => `bitcoin:${ADDRESS}?label=Shop%0D%0Aof%00hats%09&message=${message}`;
    expect(read(link("two%0Ahats%E2%80%A8now"))).toMatchObject({
      label: "Shop of hats",
      note: texts.message("two hats now"),
    });
    expect(read(link("é".repeat(300)))).toMatchObject({ note: texts.message("é".repeat(300)) });
    expect(read(link("é".repeat(301)))).toMatchObject({ note: texts.message(`${"é".repeat(300)}…`) });
  });

  test("with what it does not know and does not require left out", () => {
    expect(read(`bitcoin:${ADDRESS}?somethingelse=5`)).toMatchObject({ address: ADDRESS });
  });
});

test.each([
  ["requires what is not known here", `bitcoin:${ADDRESS}?req-escrow=1`, /requires "escrow"/],
  ["is of another network", `bitcoin:${MAIN}`, /for the main network, and this wallet is on regtest/],
  ["names another network by its key", `bitcoin:?bc=${MAIN}`, /for the main network/],
  ["is of no network", "bitcoin:bcrt1qqq", /no address of this network/],
  ["asks for nothing", `bitcoin:${ADDRESS}?amount=0`, /asks for nothing/],
  ["has an amount that is none", `bitcoin:${ADDRESS}?amount=1e3`, /number of bitcoin/],
  ["can be paid by Lightning alone", "bitcoin:?lightning=lnbc1", /Lightning alone/],
  ["can be paid in another way alone", "bitcoin:?sp=sp1q", /names no address/],
])("a link that %s is refused", (_what, text, problem) => {
  expect(read(text)).toEqual({ problem: expect.stringMatching(problem) });
});

test("a chain that nobody knows", () => {
  expect(readPayment(`bitcoin:${ADDRESS}`, "elsewhere")).toEqual({ problem: texts.unknownChain });
});
