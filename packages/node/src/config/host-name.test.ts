import { expect, test } from "vitest";
import { canBeHost } from "./host-name.ts";

const LABEL_63 = "a".repeat(63);

test.each([
  ["127.0.0.1", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["255.255.255.255", false],
  ["localhost", true],
  ["tor.example.", true],
  ["tor_proxy", true],
  ["a-1.b", true],
  ["-a", false],
  ["a-", false],
  ["", false],
  ["a..b", false],
  [".", false],
  ["a b", false],
  ["a/b", false],
  [LABEL_63, true],
  [`${LABEL_63}a`, false],
  [`${LABEL_63}.${LABEL_63}.${LABEL_63}.${"a".repeat(61)}`, true],
  [`${LABEL_63}.${LABEL_63}.${LABEL_63}.${"a".repeat(62)}`, false],
  ["127.1", true],
  ["127.16777215", true],
  ["127.16777216", false],
  ["256.0.0.1", false],
  ["1.2.3.4.5", false],
  ["proxy.7", false],
  ["7.proxy", true],
])("%s", (host, can) => {
  expect(canBeHost(host, true)).toBe(can);
});

test("without a resolver only addresses", () => {
  expect(canBeHost("127.0.0.1", false)).toBe(true);
  expect(canBeHost("localhost", false)).toBe(false);
});
