import { networkByName, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { parseMnemonic } from "@bitfleet/wallet/keys/mnemonic.ts";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { systemRandom } from "../clock.ts";
import { weakKeyProblem } from "../server/access/weak-keys.ts";
import { firstAddressOf, makeSecrets } from "./make-secrets.ts";
import { environmentFile, kubernetesSecret } from "./secrets-command.ts";

const REGTEST = regtestNetwork();

test("the address of a phrase is BIP84's first", () => {
  const phrase = `${"abandon ".repeat(11)}about`;
  expect(firstAddressOf(phrase, networkByName("main")!)).toBe("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
  expect(firstAddressOf(phrase, networkByName("test")!)).toBe("tb1q6rz28mcfaxtmd6v789l9rrlrusdprr9pqcpvkl");
});

test("keys that a node takes, a phrase, and an address of the network, new ones each time", () => {
  const secrets = makeSecrets(REGTEST, systemRandom);
  for (const name of ["BITCOIN_API_ADMIN_KEY", "BITCOIN_API_WALLET_KEY", "REDIS_PASSWORD"] as const) {
    expect(secrets[name]).toMatch(/^[0-9a-f]{48}$/);
    expect(weakKeyProblem(secrets[name], name)).toBeUndefined();
  }
  const phrase = parseMnemonic(secrets.TREASURY_MNEMONIC);
  expect("entropy" in phrase && phrase.entropy).toHaveLength(32);
  expect(decodeAddress(secrets.MINER_ADDRESS, REGTEST.addressPrefixes)).not.toHaveProperty("error");
  const values = [...Object.values(secrets), ...Object.values(makeSecrets(REGTEST, systemRandom))];
  expect(new Set(values).size).toBe(10);
});

test("a key that chance has made weak is made again", () => {
  let calls = 0;
  const bytes = (size: number) => new Uint8Array(size).map((_, index) => (++calls <= 100 ? 0 : index * 7 + calls));
  expect(weakKeyProblem(makeSecrets(REGTEST, { bytes }).BITCOIN_API_ADMIN_KEY, "it")).toBeUndefined();
  expect(calls).toBeGreaterThan(100);
});

test("as a Secret, and as Compose's .env, with everything as it was", () => {
  // Digits with an e among them are a number to YAML, were they not in quotes.
  const secrets = { ...makeSecrets(REGTEST, systemRandom), REDIS_PASSWORD: "123456e789" };
  for (const version of ["1.1", "1.2"] as const) {
    expect(parse(kubernetesSecret(secrets, "123"), { version })).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "blockchain-secrets", namespace: "123" },
      type: "Opaque",
      stringData: secrets,
    });
  }
  const lines = environmentFile(secrets).trimEnd().split("\n");
  expect(Object.fromEntries(lines.map((line) => /^([A-Z_]+)='([^'\\$]*)'$/.exec(line)!.slice(1)))).toEqual(secrets);
});
