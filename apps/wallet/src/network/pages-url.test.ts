import { expect, test } from "vitest";
import { pagesUrlOf } from "./pages-url.ts";

test("a Bitfleet server shows its chain where it is, by whichever of its interfaces it is asked", () => {
  expect(pagesUrlOf("watch", "")).toBe("");
  expect(pagesUrlOf("watch", "http://localhost:8080")).toBe("http://localhost:8080");
  expect(pagesUrlOf("esplora", "/esplora")).toBe("");
  expect(pagesUrlOf("esplora", "http://localhost:8080/esplora")).toBe("http://localhost:8080");
  // Behind a path its pages would not find what they are made of.
  expect(pagesUrlOf("watch", "https://example.org/bitfleet")).toBeUndefined();
});

test("an Esplora server does where its address says so, and else nothing is known", () => {
  expect(pagesUrlOf("esplora", "https://blockstream.info/api")).toBe("https://blockstream.info");
  expect(pagesUrlOf("esplora", "https://blockstream.info/testnet/api")).toBe("https://blockstream.info/testnet");
  expect(pagesUrlOf("esplora", "https://mempool.space/signet/api")).toBe("https://mempool.space/signet");
  expect(pagesUrlOf("esplora", "http://127.0.0.1:3002")).toBeUndefined();
  expect(pagesUrlOf("esplora", "https://example.org/electrs")).toBeUndefined();
  expect(pagesUrlOf("esplora", "https://example.org/myapi")).toBeUndefined();
  expect(pagesUrlOf("esplora", "https://example.org/a/esplora")).toBeUndefined();
});

test("neither passwords nor keys of the address come into a link, and no other kind of address does", () => {
  expect(pagesUrlOf("watch", "http://me:secret@localhost:8080")).toBe("http://localhost:8080");
  expect(pagesUrlOf("watch", "http://localhost:8080?key=secret")).toBe("http://localhost:8080");
  expect(pagesUrlOf("esplora", "https://me:secret@example.org/api?key=secret#secret")).toBe("https://example.org");
  expect(pagesUrlOf("esplora", "https://example.org/0123456789abcdef0/api")).toBeUndefined();
  expect(pagesUrlOf("esplora", "http://[::1]:3002/api/")).toBe("http://[::1]:3002");
  for (const url of ["javascript://example.org/api", "data://example.org/api", "file:///srv/api"]) {
    expect(pagesUrlOf("esplora", url)).toBeUndefined();
  }
});
