import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { signetNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { checkSignetSolution } from "@bitfleet/protocol/consensus/signet.ts";
import { newVersionBitsCache } from "@bitfleet/protocol/consensus/version-bits.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import { describe, expect, test } from "vitest";
import { inTemporaryDirectory, KEY_SCRIPT, openTestChain } from "../chain/test-kit.ts";
import { blockFromTemplate, createBlockTemplate } from "./block-template.ts";
import { readSignetKey, type SignetKey } from "./signet-key.ts";
import { SignetSigner } from "./signet-signer.ts";

const PREFIXES = signetNetwork().addressPrefixes;
const CONTEXT = { prefixes: PREFIXES, secp256k1: portableSecp256k1 };
const wifOf = (byte: number) => encodeWif({ privateKey: new Uint8Array(32).fill(byte), compressed: true }, PREFIXES);
const [WIF, OTHER_WIF] = [wifOf(1), wifOf(2)];
const hexKeyOf = (byte: number) => toHex(portableSecp256k1.publicKeyOf(new Uint8Array(32).fill(byte), true));
const PUBLIC_KEY = hexKeyOf(1);

function keyOf(text: string, challenge?: Uint8Array): SignetKey {
  const key = readSignetKey(text, challenge, CONTEXT);
  if ("error" in key) throw new Error(key.error);
  return key;
}

/** The block behind the genesis block of the signet with that challenge, without a solution. */
async function unsignedBlock(
  challenge: Uint8Array,
): Promise<{ block: Block; network: ReturnType<typeof signetNetwork> }> {
  const network = signetNetwork({ challenge });
  return inTemporaryDirectory(async (path) => {
    const { chain } = await openTestChain(path, { network });
    const { params } = network;
    const context = { previous: chain.tip, params, nowSeconds: 1_700_000_000, versionBits: newVersionBitsCache() };
    const block = blockFromTemplate(createBlockTemplate(context, []), KEY_SCRIPT, new Uint8Array(8));
    await chain.close();
    return { block, network };
  });
}

describe("a signet's key", () => {
  test.each([
    `wpkh(${WIF})`,
    `pkh(${WIF})`,
    `pk(${WIF})`,
    `multi(1,${WIF})`,
    `multi(2,${WIF},${OTHER_WIF})`,
    `multi(1,${hexKeyOf(3)},${WIF})`,
    `sh(multi(1,${WIF}))`,
    `sh(wpkh(${WIF}))`,
    `wsh(multi(2,${WIF},${OTHER_WIF}))`,
    `wsh(pk(${WIF}))`,
  ])("signs blocks that satisfy the challenge of %s, and no other", async (descriptor) => {
    const key = keyOf(descriptor);
    const { block, network } = await unsignedBlock(key.challenge);
    const { params } = network;
    expect(checkSignetSolution(block, params, portableSecp256k1)?.reason).toBe("bad-signet-blksig");
    const signed = new SignetSigner(key, { params, secp256k1: portableSecp256k1 }).sign(block);
    expect(checkSignetSolution(signed, params, portableSecp256k1)).toBeUndefined();
    expect(signed.header.merkleRoot).toEqual(blockMerkleRoot(signed).root);
    expect(signed.header.bits).toBe(block.header.bits);

    // The nonce is free, the time is not.
    const { version, previousBlockHash, merkleRoot, time, bits } = signed.header;
    const fields = { version, previousBlockHash, merkleRoot, time, bits };
    const mined = new Block(new BlockHeader({ ...fields, nonce: 12345 }), signed.transactions);
    expect(checkSignetSolution(mined, params, portableSecp256k1)).toBeUndefined();
    const later = new Block(new BlockHeader({ ...fields, time: time + 1, nonce: 0 }), signed.transactions);
    expect(checkSignetSolution(later, params, portableSecp256k1)?.reason).toBe("bad-signet-blksig");
    const elsewhere = signetNetwork({ challenge: keyOf(`wpkh(${wifOf(9)})`).challenge }).params;
    expect(checkSignetSolution(signed, elsewhere, portableSecp256k1)?.reason).toBe("bad-signet-blksig");
  });

  test("alone stands for wpkh(), or for the form that the challenge has", () => {
    expect(toHex(keyOf(WIF).challenge)).toBe(toHex(keyOf(`wpkh(${WIF})`).challenge));
    for (const form of [`multi(1,${WIF})`, `pk(${WIF})`, `pkh(${WIF})`, `wsh(pk(${WIF}))`]) {
      const { challenge } = keyOf(form);
      expect(keyOf(WIF, challenge).challenge).toEqual(challenge);
    }
    expect(toHex(keyOf(`multi(1,${WIF})`).challenge)).toBe(`5121${PUBLIC_KEY}51ae`);
  });

  test.each([
    ["of another challenge", `wpkh(${OTHER_WIF})`, "it is not the key of the network's challenge"],
    ["alone, of another challenge", OTHER_WIF, "it is not the key of the network's challenge"],
    ["without anything private", `wpkh(${PUBLIC_KEY})`, "it has no private key"],
    ["that is none", "hello", "it is no descriptor with keys of this network"],
    [
      "of which a key is missing",
      `multi(2,${OTHER_WIF},${PUBLIC_KEY})`,
      "it has not all the private keys that its script asks for",
    ],
    ["of taproot", `tr(${OTHER_WIF})`, "a signet asks for no signature of its script (taproot is not among its rules)"],
    ["of several scripts", `combo(${OTHER_WIF})`, "it stands for more than one script"],
    ["with a wrong checksum", `wpkh(${OTHER_WIF})#aaaaaaaa`, "its checksum does not fit"],
    ["of nothing", "", "it is empty, where a descriptor or a private key is expected"],
    [
      "of two lines",
      `${OTHER_WIF}\r\n${OTHER_WIF}`,
      "it has several lines, where one descriptor or private key is expected",
    ],
    ["with a slip of the pen", `wpkh(${OTHER_WIF}x)`, "it is no descriptor with keys of this network"],
  ])("that cannot be used is refused: %s", (_, text, error) => {
    const outcome = readSignetKey(text, keyOf(WIF).challenge, CONTEXT);
    expect(outcome).toEqual({ error });
    expect(JSON.stringify(outcome)).not.toContain(OTHER_WIF);
  });

  test("which does not satisfy the challenge is a fault that is said at once", async () => {
    const { block, network } = await unsignedBlock(keyOf(WIF).challenge);
    const signer = new SignetSigner(keyOf(OTHER_WIF), { params: network.params, secp256k1: portableSecp256k1 });
    expect(() => signer.sign(block)).toThrow("does not satisfy");
  });
});
