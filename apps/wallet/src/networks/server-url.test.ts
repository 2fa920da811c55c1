import { describe, expect, test } from "vitest";
import { readServerUrl } from "./server-url.ts";
import { networkTexts } from "./texts.ts";

const PAGE = "http://node.lan:8080/wallet-app/setup";
const urlOf = (text: string, page = PAGE) => readServerUrl(text, page);

describe("where a server is", () => {
  test.each([
    ["localhost:8080", "http://localhost:8080"],
    ["127.0.0.1:9000/", "http://127.0.0.1:9000"],
    ["10.0.0.5:8080", "http://10.0.0.5:8080"],
    ["example.org", "https://example.org"],
    ["https://example.org/testnet/api/", "https://example.org/testnet/api"],
    ["  HTTP://Example.org:80/  ", "http://example.org"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ])("is read from %s", (text, url) => {
    expect(urlOf(text)).toEqual({ url });
  });

  test("is nowhere in particular where the page came from", () => {
    expect(urlOf("http://node.lan:8080")).toEqual({ url: "" });
    expect(urlOf("http://node.lan:8080/")).toEqual({ url: "" });
    expect(urlOf("http://node.lan:8080/esplora")).toEqual({ url: "http://node.lan:8080/esplora" });
  });

  test.each([
    ["", networkTexts.urlMissing],
    ["   ", networkTexts.urlMissing],
    ["ftp://example.org", networkTexts.urlWrong],
    ["javascript:alert(1)", networkTexts.urlWrong],
    ["http://", networkTexts.urlWrong],
    ["http://a b", networkTexts.urlWrong],
    ["https://example.org/?key=1", networkTexts.urlWrong],
    ["https://user:secret@example.org", networkTexts.urlCredentials],
  ])("is not told by %j", (text, problem) => {
    expect(urlOf(text)).toEqual({ problem });
  });

  test("must be HTTPS for a page that came so, save on this computer", () => {
    const page = "https://wallet.example/wallet-app/";
    expect(urlOf("http://example.org", page)).toEqual({ problem: networkTexts.urlInsecure });
    expect(urlOf("http://localhost:8080", page)).toEqual({ url: "http://localhost:8080" });
    expect(urlOf("example.org:8443", page)).toEqual({ url: "https://example.org:8443" });
  });
});
