import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { authorize, cookieCredential, isAllowed, parseRpcAuth, parseRpcWhitelist, passwordCredential } from "./auth.ts";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("credentials", () => {
  const alice = passwordCredential("alice", "pass:word", systemRandom);
  const hash = createHmac("sha256", "salt").update("secret").digest("hex");
  const bob = parseRpcAuth(`bob:salt$${hash}`)!;

  test("right ones name their user", () => {
    expect(authorize(basic("alice:pass:word"), [alice, bob])).toBe("alice");
    expect(authorize(basic("bob:secret"), [alice, bob])).toBe("bob");
    const cookie = cookieCredential(systemRandom);
    expect(cookie.line).toMatch(/^__cookie__:[0-9a-f]{64}$/);
    expect(authorize(basic(cookie.line), [cookie.credential])).toBe("__cookie__");
  });

  test.each([
    ["a wrong password", basic("alice:pass:wor")],
    ["another's password", basic("alice:secret")],
    ["an unknown user", basic("carol:secret")],
    ["no colon", basic("alice")],
    ["nothing", ""],
    ["another scheme", basic("bob:secret").replace("Basic", "Bearer")],
    ["no base64", "Basic %%%"],
    ["lower case scheme", basic("bob:secret").replace("Basic", "basic")],
  ])("%s is refused", (_name, header) => {
    expect(authorize(header, [alice, bob])).toBeUndefined();
  });

  test("two passwords of one user are both right", () => {
    const second = passwordCredential("alice", "other", systemRandom);
    expect(authorize(basic("alice:other"), [alice, second])).toBe("alice");
    expect(authorize(basic("alice:pass:word"), [alice, second])).toBe("alice");
  });

  test("the password is not kept", () => {
    expect(JSON.stringify(alice)).not.toContain("pass:word");
  });

  test.each(["", "foo", "foo:bar", "foo:bar:baz", "foo$bar:baz", "foo:bar$baz$qux", "foo:bar:baz$qux"])(
    "-rpcauth=%s is none",
    (text) => {
      expect(parseRpcAuth(text)).toBeUndefined();
    },
  );
});

describe("-rpcwhitelist", () => {
  test("lists what a user may call; several lines allow what all of them do", () => {
    const list = parseRpcWhitelist(["a:x,y, z", "b:x,y", "b:y", "c:", "d"], false);
    expect(isAllowed(list, "a", "z")).toBe(true);
    expect(isAllowed(list, "a", "w")).toBe(false);
    expect(isAllowed(list, "b", "y")).toBe(true);
    expect(isAllowed(list, "b", "x")).toBe(false);
    expect(isAllowed(list, "c", "x")).toBe(false);
    expect(isAllowed(list, "d", "x")).toBe(false);
    expect(isAllowed(list, "stranger", "x")).toBe(true);
    expect(isAllowed(parseRpcWhitelist([], true), "stranger", "x")).toBe(false);
    expect(isAllowed(undefined, "stranger", "x")).toBe(true);
  });
});
