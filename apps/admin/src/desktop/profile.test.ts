import { describe, expect, test } from "vitest";
import {
  freeColour,
  freeName,
  NO_KEYS,
  type Profile,
  profileRecord,
  profilesAsJson,
  profilesFromJson,
  readProfile,
} from "./profile.ts";

const PROFILE: Profile = {
  id: "p1",
  name: "Staging",
  url: "http://10.0.0.5:8080",
  colour: "violet",
  keys: { admin: "adm1n", wallet: "w4llet", reading: "" },
};

describe("a profile", () => {
  test("is the same after it was a record", () => {
    expect(readProfile("profile:p1", profileRecord(PROFILE, 3))).toEqual({ profile: PROFILE, order: 3 });
  });

  test.each([
    ["a key of another kind", "network:p1", profileRecord(PROFILE, 0)],
    ["no name", "profile:p1", { ...(profileRecord(PROFILE, 0) as object), name: " " }],
    ["no address", "profile:p1", { ...(profileRecord(PROFILE, 0) as object), url: "ftp://a" }],
    ["an address with a password", "profile:p1", { ...(profileRecord(PROFILE, 0) as object), url: "http://a:b@c" }],
    ["nothing", "profile:p1", null],
  ])("is not read from a record with %s", (_name, key, value) => {
    expect(readProfile(key, value)).toBeUndefined();
  });

  test("has no key that no header can carry", () => {
    const record = { ...(profileRecord(PROFILE, 0) as object), keys: { admin: "a\r\nb", wallet: 7, reading: "ok" } };
    expect(readProfile("profile:p1", record)?.profile.keys).toEqual({ admin: "", wallet: "", reading: "ok" });
  });
});

describe("a file of networks", () => {
  test("has no key in it, and is read again", () => {
    const text = profilesAsJson([PROFILE]);
    expect(text).not.toContain("adm1n");
    expect(text).not.toContain("w4llet");
    expect(profilesFromJson(text)).toEqual([{ name: "Staging", url: PROFILE.url, colour: "violet", keys: NO_KEYS }]);
  });

  test("gives no keys, whoever wrote some into it", () => {
    const file = JSON.parse(profilesAsJson([PROFILE])) as { networks: Record<string, unknown>[] };
    file.networks[0]!.keys = { admin: "smuggled" };
    expect(JSON.stringify(profilesFromJson(JSON.stringify(file)))).not.toContain("smuggled");
  });

  test.each([
    ["no JSON", "networks", "no file of networks"],
    ["something else", '{"format":"other","version":1,"networks":[]}', "no file of networks"],
    ["a later version", '{"format":"bitfleet-networks","version":2,"networks":[]}', "another version"],
    [
      "a network without an address",
      '{"format":"bitfleet-networks","version":1,"networks":[{"name":"a"}]}',
      "Network 1",
    ],
    ["too much", " ".repeat(1_000_001), "no file of networks"],
  ])("is refused where it is %s", (_name, text, sentence) => {
    expect(profilesFromJson(text)).toMatchObject({ error: expect.stringContaining(sentence) });
  });
});

describe("a further profile", () => {
  test("has a colour that is free, and later the one that fewest have", () => {
    expect(freeColour([])).toBe("orange");
    expect(freeColour([{ colour: "orange" }, { colour: "blue" }])).toBe("green");
    const all = ["orange", "blue", "green", "violet", "red", "teal", "orange"] as const;
    expect(freeColour(all.map((colour) => ({ colour })))).toBe("blue");
  });

  test("has a name that is free", () => {
    expect(freeName("Local", [])).toBe("Local");
    expect(freeName("Local", [{ name: "Local" }, { name: "Local 2" }])).toBe("Local 3");
    expect(freeName("Local 2", [{ name: "Local" }, { name: "Local 2" }])).toBe("Local 3");
  });
});
