import { expect, test } from "vitest";
import { networkByName, signetNetwork } from "./networks.ts";
import { isPrivateNetwork } from "./private-network.ts";

test("regtest and a signet of one's own are private, and no other network", () => {
  expect(isPrivateNetwork(networkByName("regtest")!)).toBe(true);
  expect(isPrivateNetwork(signetNetwork({ challenge: Uint8Array.of(0x51) }))).toBe(true);
  for (const name of ["main", "test", "testnet4", "signet"])
    expect(isPrivateNetwork(networkByName(name)!), name).toBe(false);
});
