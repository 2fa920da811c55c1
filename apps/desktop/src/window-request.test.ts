import { expect, test } from "vitest";
import { readOptions } from "./options.ts";
import { readRequest, requestOf } from "./window-request.ts";

const over = (...words: string[]) => readRequest(JSON.parse(JSON.stringify(requestOf(readOptions(words, "/")))));

test("what was asked for comes out at the process that runs as it went in, and a network only where one was named", () => {
  expect(over("admin")).toEqual({ app: "admin", window: "auto", uri: null, url: null, hasDevtools: false });
  expect(over("admin", "--url", "http://a.example/", "--devtools")).toMatchObject({
    url: "http://a.example",
    hasDevtools: true,
  });
  expect(over("wallet", "--window", "none", "--network", "http://127.0.0.1:8080", "--", "bitcoin:x")).toMatchObject({
    url: "http://127.0.0.1:8080",
    window: "none",
    uri: "bitcoin:x",
  });
});

test("what a process before this version asks for is understood", () => {
  const before = { app: "wallet", window: "auto", uri: null };
  expect(readRequest(before)).toEqual({ ...before, url: null, hasDevtools: false });
});

test.each([
  null,
  5,
  "x",
  [],
  {},
  { app: "x", window: "auto" },
  { app: "admin", window: "qt" },
  { app: "admin", uri: 1 },
])("%j is nothing that can be done", (value) => {
  expect(() => readRequest(value)).toThrow("of another version");
});

test("link and network are read as on the command line", () => {
  const wish = { app: "wallet", window: "auto" };
  expect(() => readRequest({ ...wish, uri: "javascript:1" })).toThrow("is no payment link");
  expect(() => readRequest({ ...wish, url: "file:///etc" })).toThrow("begins with http");
});
