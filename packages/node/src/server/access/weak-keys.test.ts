import { expect, test } from "vitest";
import { keyFormProblem, weakKeyProblem } from "./weak-keys.ts";

test.each([
  "admin-secret",
  "wallet-secret",
  "ADMIN_SECRET",
  "Admin Secret",
  "admin.secret.2024",
  "adminsecret0000000000",
  "changeme",
  "change-me",
  "CHANGE_ME_BEFORE_PRODUCTION",
  "change-this-key-please",
  "please-change-me",
  "secret",
  "password",
  "password-123456789",
  "your-secret-key-here",
  "your-admin-api-key-here",
  "YOUR_KEY",
  "my-super-secret-key",
  "insert-the-admin-key-here",
  "REPLACE_ME_WITH_A_REAL_KEY",
  "replace-with-openssl-rand",
  "$" + "{BITCOIN_API_ADMIN_KEY}",
  "$(cat /run/secrets/admin)",
  "<your admin key>",
  "{{ .Values.adminKey }}",
  "BITCOIN_API_ADMIN_KEY",
  "Change.Me",
  "some-default-value-to-replace",
])("%s is a placeholder", (key) => {
  expect(weakKeyProblem(key, "The key")).toMatch(/^The key is a placeholder of an example, .*openssl rand -hex 24/);
});

test("a key of fifteen characters is too short, one of sixteen is not", () => {
  expect(weakKeyProblem("a8f3kq02mzx7c1v", "The key")).toMatch(/^The key has 15 characters; 16 are needed\./);
  expect(weakKeyProblem("a8f3kq02mzx7c1vb", "The key")).toBeUndefined();
});

test("a key of few different characters is none", () => {
  expect(weakKeyProblem("abcdeabcdeabcdeabcde", "The key")).toMatch(/fewer than 6 different characters/);
  expect(weakKeyProblem("abcdefabcdefabcdefab", "The key")).toBeUndefined();
});

test("real keys are good, also where a word of a placeholder is in them", () => {
  for (const key of [
    "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978",
    "correct-horse-battery-staple",
    "x7-admin-secret-9f2b77c1",
    "my-horse-likes-the-monkey",
    "the-aardvark-and-the-turkey",
    "Zm9vYmFyYmF6cXV4cXV1eA==",
  ])
    expect(weakKeyProblem(key, "The key"), key).toBeUndefined();
});

test("what cannot travel in a header is no key anywhere", () => {
  for (const key of ["", "two words", "tab\t", "umläut", "x".repeat(257)]) {
    expect(keyFormProblem(key, "-webadminkey")).toBe(
      "-webadminkey must be 1 to 256 printable ASCII characters without spaces.",
    );
  }
  expect(keyFormProblem("x".repeat(256), "-webadminkey")).toBeUndefined();
});

test("a long text of such words is looked at in no time", () => {
  expect(weakKeyProblem(`${"todototo".repeat(31)}xyz`, "The key")).toBeUndefined();
});

test("no message shows the key", () => {
  for (const key of ["admin-secret", "short", "aaaaaaaaaaaaaaaaaaaa", "two words"]) {
    expect(`${weakKeyProblem(key, "K")}${keyFormProblem(key, "K")}`).not.toContain(key);
  }
});
