import { expect, test } from "vitest";
import { parseNodeAddress } from "./node-address.ts";

const OWN = "http://localhost:8080";

test.each([
  ["", ""],
  ["  ", ""],
  ["http://localhost:8080/blocks?page=2", ""],
  ["localhost:8080", ""],
  ["10.0.0.5:8080", "http://10.0.0.5:8080"],
  ["https://node.example/", "https://node.example"],
  ["http://[::1]:8080/", "http://[::1]:8080"],
  ["HTTP://Node:80", "http://node"],
])("'%s' means '%s'", (text, address) => {
  expect(parseNodeAddress(text, OWN)).toBe(address);
});

test.each(["ftp://node", "javascript://alert(1)", "http://user:secret@node", "http://", "a b", "http://node:99999"])(
  "'%s' is none",
  (text) => {
    expect(parseNodeAddress(text, OWN)).toBeUndefined();
  },
);
