import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { expect, test } from "vitest";
import { coinbaseMessage, witnessCommitment } from "./coinbase-facts.ts";

const push = (text: string) => {
  const bytes = new TextEncoder().encode(text);
  return toHex(Uint8Array.of(bytes.length, ...bytes));
};

test("the message of the first block, without the bytes that push it", () => {
  const script = `04ffff001d0104${push("The Times 03/Jan/2009 Chancellor on brink of second bailout for banks")}`;
  expect(coinbaseMessage(script)).toBe("The Times 03/Jan/2009 Chancellor on brink of second bailout for banks");
});

test("runs of three characters and more, in any alphabet, and nothing that turns the direction of text", () => {
  expect(coinbaseMessage(`03a0bb0d${push("/Pool/")}${push("ab")}`)).toBe("/Pool/");
  expect(coinbaseMessage(push("鱼池鱼\u0000mm\u202eabc"))).toBe("鱼池鱼 · abc");
  expect(coinbaseMessage("510101")).toBe("");
  expect(coinbaseMessage("")).toBe("");
});

test("a script that is none is read to its end", () => {
  expect(coinbaseMessage(`4b${toHex(new TextEncoder().encode("mined by us"))}`)).toBe("mined by us");
  expect(coinbaseMessage(`4c08${toHex(new TextEncoder().encode("eight xx"))}`)).toBe("eight xx");
  expect(coinbaseMessage(`4d0300${toHex(new TextEncoder().encode("xyz"))}`)).toBe("xyz");
  expect(coinbaseMessage("4d")).toBe("");
});

test("of several commitments the last one counts, and a shorter script is none", () => {
  const [first, last] = ["11".repeat(32), "22".repeat(32)];
  expect(witnessCommitment([`6a24aa21a9ed${first}`, "51", `6a24aa21a9ed${last}ff`])).toBe(last);
  expect(witnessCommitment([`6a24aa21a9ed${first.slice(2)}`, "6a0568656c6c6f"])).toBeUndefined();
});
