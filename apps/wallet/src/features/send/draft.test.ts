import { paymentTexts } from "@bitfleet/ui/payment/texts.ts";
import { describe, expect, test } from "vitest";
import {
  type Draft,
  draftIn,
  emptyDraft,
  isBlank,
  neededOf,
  problemsOf,
  RECIPIENTS_MAX,
  requestOf,
  withAddress,
  withOneMore,
  withoutRecipient,
  withRecipient,
} from "./draft.ts";
import { texts } from "./texts.ts";

const ALICE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const BOB = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
const any = () => undefined;
const empty = emptyDraft("BTC");
const paying = (address: string, amount: string, draft: Draft = empty) =>
  withRecipient(withAddress(draft, 0, address, "regtest"), 0, { amount });

describe("a payment as it is entered", () => {
  test("is asked for when all of it is right", () => {
    const draft = withRecipient(paying(` ${ALICE} `, "0.5"), 0, { label: " rent " });
    expect(requestOf(draft, 2_000n, any)).toEqual({
      recipients: [{ address: ALICE, amount: 50_000_000n, label: "rent" }],
      feerateSatPerKvb: 2_000n,
      isReplaceable: true,
    });
  });

  test("names the coins it may spend, and is final where that is wanted", () => {
    const draft = { ...paying(ALICE, "1"), coins: ["aa:0"], isReplaceable: false };
    expect(requestOf(draft, 1_000n, any)).toMatchObject({ coins: ["aa:0"], isReplaceable: false });
  });

  test("gives all that is left to one, whatever was entered as the amount", () => {
    const draft = { ...paying(ALICE, "nonsense"), restTo: 0 };
    expect(requestOf(draft, 1_000n, any)?.recipients).toEqual([{ address: ALICE, amount: "all", label: "" }]);
  });

  test("several are paid, and one is left out again", () => {
    const two = withRecipient(withOneMore(paying(ALICE, "1")), 1, { address: BOB, amount: "2" });
    expect(neededOf(two)).toBe(300_000_000n);
    expect(requestOf(two, 1_000n, any)?.recipients.map(({ address }) => address)).toEqual([ALICE, BOB]);
    const one = withoutRecipient({ ...two, restTo: 0 }, 0);
    expect(one.recipients.map(({ address }) => address)).toEqual([BOB]);
    expect(one.restTo).toBeUndefined();
    expect(withoutRecipient(one, 1)).toBe(one);
  });

  test("has a limit of recipients", () => {
    let draft = empty;
    for (let count = 0; count < RECIPIENTS_MAX + 5; count++) draft = withOneMore(draft);
    expect(draft.recipients).toHaveLength(RECIPIENTS_MAX);
    expect(new Set(draft.recipients.map(({ id }) => id)).size).toBe(RECIPIENTS_MAX);
  });

  test("means the same amounts in the other unit", () => {
    const draft = draftIn(paying(ALICE, "0.5"), "sats");
    expect(draft.recipients[0]?.amount).toBe("50000000");
    expect(neededOf(draft)).toBe(50_000_000n);
    expect(draftIn(draft, "sats")).toBe(draft);
  });

  test("is blank until something is entered", () => {
    expect(isBlank(empty)).toBe(true);
    expect(isBlank(paying("", "1"))).toBe(false);
    expect(isBlank(withOneMore(empty))).toBe(false);
  });
});

describe("what is wrong is said at its field", () => {
  const problems = (draft: Draft, addressProblem = any as (address: string) => string | undefined) =>
    problemsOf(draft, addressProblem).get(0);

  test("where nothing was entered", () => {
    expect(problems(empty)).toEqual({ address: texts.problems.noAddress, amount: paymentTexts.noAmount });
    expect(requestOf(empty, 1_000n, any)).toBeUndefined();
  });

  test("where the address is none of this network", () => {
    const draft = paying(ALICE, "1");
    const why = "It is of another network.";
    expect(problems(draft, () => why)).toEqual({ address: why, amount: undefined });
    expect(requestOf(draft, 1_000n, () => why)).toBeUndefined();
  });

  test("where one address stands there twice", () => {
    const twice = withRecipient(withOneMore(paying(ALICE, "1")), 1, { address: `${ALICE} `, amount: "1" });
    expect(problemsOf(twice, any).get(0)?.address).toBeUndefined();
    expect(problemsOf(twice, any).get(1)?.address).toBe(texts.problems.twice);
  });

  test("where the amount is none", () => {
    expect(problems(paying(ALICE, "0"))?.amount).toBe(paymentTexts.nothing);
    expect(problems(draftIn(paying(ALICE, "1.5"), "sats"))?.amount).toBeUndefined();
  });
});

describe("a payment link in the field of the address", () => {
  test("fills in the rest", () => {
    const draft = withAddress(empty, 0, `bitcoin:${ALICE}?amount=0.25&label=Tea`, "regtest");
    expect(draft.recipients[0]).toMatchObject({ address: ALICE, amount: "0.25", label: "Tea", problem: undefined });
  });

  test("in satoshis where those are the unit", () => {
    const draft = withAddress(emptyDraft("sats"), 0, `bitcoin:${ALICE}?amount=0.25`, "regtest");
    expect(draft.recipients[0]?.amount).toBe("25000000");
  });

  test("keeps what was entered where it says nothing of it", () => {
    const draft = withAddress(paying("", "3"), 0, `bitcoin:${ALICE}`, "regtest");
    expect(draft.recipients[0]).toMatchObject({ address: ALICE, amount: "3" });
  });

  test("takes the place of another one, and of nothing that was entered since", () => {
    const link = `bitcoin:${ALICE}?amount=0.25&label=Tea`;
    const first = withAddress(withRecipient(empty, 0, { label: "mine" }), 0, link, "regtest");
    expect(first.recipients[0]).toMatchObject({ amount: "0.25", label: "Tea" });
    const second = withAddress(first, 0, `bitcoin:${BOB}`, "regtest");
    expect(second.recipients[0]).toMatchObject({ address: BOB, amount: "", label: "" });
    const inSats = withAddress(draftIn(first, "sats"), 0, `bitcoin:${BOB}?label=Cake`, "regtest");
    expect(inSats.recipients[0]).toMatchObject({ amount: "", label: "Cake" });
    const changed = withAddress(withRecipient(first, 0, { amount: "0.3" }), 0, `bitcoin:${BOB}`, "regtest");
    expect(changed.recipients[0]).toMatchObject({ amount: "0.3", label: "" });
    const refused = withAddress(first, 0, `bitcoin:${BOB}?req-x=1`, "regtest");
    expect(refused.recipients[0]).toMatchObject({ amount: "", label: "", problem: expect.any(String) });
    const third = withAddress(second, 0, link, "regtest");
    expect(third.recipients[0]).toMatchObject({ address: ALICE, amount: "0.25", label: "Tea" });
  });

  test("asks for an amount in place of everything", () => {
    const draft = withAddress({ ...empty, restTo: 0 }, 0, `bitcoin:${ALICE}?amount=1`, "regtest");
    expect(draft.restTo).toBeUndefined();
  });

  test("that is refused says why, and the payment is not asked for until it is changed", () => {
    const draft = withRecipient(withAddress(empty, 0, `bitcoin:${ALICE}?req-x=1`, "regtest"), 0, { amount: "1" });
    expect(draft.recipients[0]?.problem).toMatch(/requires "x"/);
    expect(requestOf(draft, 1_000n, any)).toBeUndefined();
    expect(requestOf(withAddress(draft, 0, ALICE, "regtest"), 1_000n, any)).toBeDefined();
  });
});
