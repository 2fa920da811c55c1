import { describe, expect, test } from "vitest";
import { hostOf, isOwnMachine, portOf } from "./peer-address.ts";

describe("the address of a peer", () => {
  test.each([
    ["192.0.2.7:8333", "192.0.2.7", 8333],
    ["192.0.2.7", "192.0.2.7", undefined],
    ["[2001:db8::1]:18444", "2001:db8::1", 18444],
    ["[2001:db8::1]", "2001:db8::1", undefined],
    ["2001:db8::1", "2001:db8::1", undefined],
    ["::1", "::1", undefined],
    ["expyuzz4wqqyqhjn.onion:8333", "expyuzz4wqqyqhjn.onion", 8333],
  ])("%s: host %s, port %s", (address, host, port) => {
    expect([hostOf(address), portOf(address)]).toEqual([host, port]);
  });

  test.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["127.0.0.1/32", true],
    ["::1", true],
    ["::1/128", true],
    ["::12", false],
    ["localhost", true],
    ["localhost.example", false],
    ["128.0.0.1", false],
    ["1.127.0.1", false],
  ])("%s is the machine itself: %s", (host, isOwn) => {
    expect(isOwnMachine(host)).toBe(isOwn);
  });
});
