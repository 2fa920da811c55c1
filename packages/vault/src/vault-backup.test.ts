import { createDecipheriv, createHash, scryptSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { deriveKey } from "./passphrase-key.ts";
import { readBackup, writeBackup } from "./vault-backup.ts";

const COST = { n: 16, r: 2, p: 3 };
const PASSPHRASE = "of the backup é";
const RECORDS = [
  { collection: "labels", key: 'quote " and \n', text: '{"a":["ä\\n"]}' },
  { collection: "wallets", key: "w", text: '"words"' },
] as const;
const MADE_AT = new Date("2026-11-26T12:00:00Z");

const written = () => writeBackup({ schema: 7, madeAt: MADE_AT, records: RECORDS }, PASSPHRASE, COST, { deriveKey });

describe("the file of a backup", () => {
  test("is read by whoever follows its description", async () => {
    const bytes = Buffer.from(await written());
    expect(bytes.toString("latin1", 0, 8)).toBe("BFVAULT\n");
    expect([bytes[8], bytes[9]]).toEqual([1, 1]);
    const [n, r, p] = [10, 14, 18].map((offset) => bytes.readUInt32LE(offset));
    expect([n, r, p]).toEqual([COST.n, COST.r, COST.p]);
    const check = createHash("sha256").update(bytes.subarray(9, 98)).digest().subarray(0, 8);
    expect(bytes.subarray(98, 106).equals(check)).toBe(true);
    const digest = createHash("sha512").update(PASSPHRASE.normalize("NFKD")).digest();
    const fromPassphrase = scryptSync(digest, bytes.subarray(22, 38), 32, { N: n!, r: r!, p: p! });
    const place = Buffer.concat([Buffer.from("bitfleet backup key "), bytes.subarray(9, 38)]);
    const key = opened(fromPassphrase, bytes.subarray(38, 98), place);
    const lines = opened(key, bytes.subarray(106), bytes.subarray(0, 106)).toString("utf8").split("\n");
    expect(lines.map((line) => line && JSON.parse(line))).toEqual([
      { schema: 7, madeAt: "2026-11-26T12:00:00.000Z", records: 2 },
      ["labels", 'quote " and \n', { a: ["ä\n"] }],
      ["wallets", "w", "words"],
      "",
    ]);
  });

  test("comes back as it was", async () => {
    const backup = await readBackup(await written(), PASSPHRASE, { deriveKey });
    expect(backup).toEqual({ schema: 7, madeAt: MADE_AT, records: RECORDS });
  });

  test("is another file each time, and says nothing of what is in it", async () => {
    const [first, second] = [Buffer.from(await written()), Buffer.from(await written())];
    expect(first.equals(second)).toBe(false);
    for (const word of ["labels", "words", PASSPHRASE]) expect(first.includes(word)).toBe(false);
  });

  test("with a made-up cost is refused before anything is paid", async () => {
    const bytes = await written();
    new DataView(bytes.buffer).setUint32(10, 2 ** 30, true);
    bytes.set(createHash("sha256").update(bytes.subarray(9, 98)).digest().subarray(0, 8), 98);
    const never = () => Promise.reject(new Error("paid"));
    await expect(readBackup(bytes, PASSPHRASE, { deriveKey: never })).rejects.toMatchObject({ code: "damaged" });
  });
});

/** A nonce of 12 bytes, what is sealed, a tag of 16. */
function opened(key: Uint8Array, sealed: Buffer, place: Uint8Array): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAAD(place).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
}
