import { expect, test } from "vitest";
import { noSuchPathText, otherMethodText } from "./no-such-path.ts";

test.each([
  ["POST", "/api/v1/wallet", /under \/api\/wallet.*\/api\/v1\/watch/],
  ["GET", "/api/admin/wallet/addresses", /under \/api\/wallet/],
  ["GET", "/api/v1/wallet/bcrt1q/balance", /\/api\/v1\/addresses\/\{address\}\/balance/],
  ["POST", "/api/v1/transactions", /POST \/api\/wallet\/transactions.*POST \/api\/v1\/transactions\/broadcast/],
  ["POST", "/api/admin/mining/start", /PUT \/api\/admin\/mining/],
  ["GET", "/api/v1/mining/status", /GET \/api\/v1\/mining/],
  ["POST", "/api/admin/mining/mine", /POST \/api\/admin\/mining\/generatetoaddress/],
  ["GET", "/api/admin/health/ready", /\/health\/ready/],
  ["HEAD", "/api", /\/swagger-ui/],
  ["GET", "/api/v1/", /\/swagger-ui/],
  [
    "POST",
    "/api/v1/mining/generatetoaddress",
    /^That changes .*: it is POST \/api\/admin\/mining\/generatetoaddress\.$/,
  ],
  ["GET", "/api/v1/bans", /it is GET \/api\/admin\/bans\.$/],
  ["GET", "/api/v1/nothing", /^There is nothing at \/api\/v1\/nothing; \/swagger-ui shows what there is\.$/],
])("%s %s is told where to look", (method, path, text) => {
  expect(noSuchPathText(method, path)).toMatch(text);
});

test("another method than those of a path is told them, or where it changes something", () => {
  expect(otherMethodText("POST", "/api/v1/blockchain", ["GET", "HEAD"])).toBe(
    "That is not possible here: use GET or HEAD.",
  );
  expect(otherMethodText("PUT", "/api/v1/mining", ["GET", "HEAD"])).toMatch(/it is PUT \/api\/admin\/mining\.$/);
  expect(otherMethodText("POST", "/api/v1/transactions", ["GET", "HEAD"])).toMatch(/transactions\/broadcast/);
});

test("a path of any length makes no long answer", () => {
  expect(noSuchPathText("GET", `/api/v1/${"x".repeat(5_000)}`).length).toBeLessThan(300);
});
