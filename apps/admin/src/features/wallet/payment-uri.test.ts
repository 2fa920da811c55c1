import { describe, expect, test } from "vitest";
import { readPaymentUri } from "./payment-uri.ts";
import { texts } from "./texts.ts";

const REGTEST = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const MAIN = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";

describe("a payment URI", () => {
  test("fills in address, amount and label; what it is for is told beside who is paid, or takes its place", () => {
    expect(readPaymentUri(` BITCOIN:${REGTEST}?amount=0.5&label=Shop&message=two%20hats `, "regtest")).toEqual({
      address: REGTEST,
      sats: 50_000_000n,
      label: "Shop",
      note: texts.uri.message("two hats"),
    });
    expect(readPaymentUri(`bitcoin:${REGTEST}?message=two%20hats`, "regtest")).toEqual({
      address: REGTEST,
      sats: undefined,
      label: "two hats",
      note: undefined,
    });
  });

  test.each([
    ["of another network", `bitcoin:${MAIN}`, /no address of this network/],
    ["with a slip", `bitcoin:${REGTEST}x`, /no address of this network/],
    ["that requires what we do not know", `bitcoin:${REGTEST}?req-x=1`, /requires "x"/],
    ["with an amount that is none", `bitcoin:${REGTEST}?amount=1,5`, /number of bitcoin/],
    ["that asks for nothing", `bitcoin:${REGTEST}?amount=0`, texts.uri.nothing],
    ["without an address", "bitcoin:?lightning=lnbc1", texts.uri.noAddress],
  ])("%s is refused, and says why", (_, uri, problem) => {
    expect(readPaymentUri(uri, "regtest")).toEqual({
      problem: typeof problem === "string" ? problem : expect.stringMatching(problem),
    });
  });

  test("is read for the chain that the node is on", () => {
    expect(readPaymentUri(`bitcoin:${MAIN}`, "main")).toMatchObject({ address: MAIN });
  });
});
