import { expect, test } from "vitest";
import { contactProblems } from "./contact-problems.ts";
import { texts } from "./texts.ts";

const ALICE = { id: "a", name: "Alice", address: "addr-a", note: "" };
const BOB = { id: "b", name: "Bob", address: "addr-b", note: "" };
const book = [ALICE, BOB];
const fine = () => undefined;

test("a new name with a new address is taken", () => {
  expect(contactProblems({ name: " Carol ", address: " addr-c ", note: "" }, book, fine)).toEqual({});
});

test("a contact may stay what it is", () => {
  expect(contactProblems({ ...ALICE, note: "pays late" }, book, fine)).toEqual({});
});

test("what is missing is said", () => {
  expect(contactProblems({ name: " ", address: "", note: "" }, book, fine)).toEqual({
    name: texts.problems.noName,
    address: texts.problems.noAddress,
  });
});

test("names and addresses are there once", () => {
  expect(contactProblems({ name: "ALICE", address: "addr-b", note: "" }, book, fine)).toEqual({
    name: texts.problems.nameTaken,
    address: texts.problems.addressTaken("Bob"),
  });
  expect(contactProblems({ ...ALICE, name: "Bob" }, book, fine)).toEqual({ name: texts.problems.nameTaken });
});

test("an address that cannot be paid here is told as the account tells it", () => {
  expect(contactProblems({ name: "Carol", address: "bc1q", note: "" }, book, () => "Another network.")).toEqual({
    address: "Another network.",
  });
});
