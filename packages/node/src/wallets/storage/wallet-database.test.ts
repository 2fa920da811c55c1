import { join } from "node:path";
import { expect, test } from "vitest";
import { restoreWallet } from "./restore-wallet.ts";
import { bytesOf, createTestWallet, DEPENDENCIES, NETWORK_MAGIC, openTestWallet, temporaryFolder } from "./test-kit.ts";

for (const scope of ["secrets", "file"] as const)
  test(`life ${scope}`, async () => {
    const folder = join(temporaryFolder(), "w");
    const wallet = await createTestWallet(folder);
    wallet.vault.put("seed", bytesOf(1, 4), bytesOf(2));
    const record = {
      id: 7,
      text: "wpkh(xpub…)",
      normalizedText: undefined,
      createdAt: 5,
      activeFor: { addressType: "bech32", isInternal: true },
    } as const;
    wallet.descriptors.put(record);
    await wallet.flush();
    await wallet.encrypt("secret", scope);
    expect(wallet.vault.isUnlocked).toBe(false);
    await expect(wallet.vault.unlock("wrong")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await wallet.vault.unlock("secret");
    expect(wallet.vault.get("seed", bytesOf(1, 4))).toEqual(bytesOf(2));
    await wallet.changePassphrase("secret", "other");
    await wallet.backup(join(folder, "../b"));
    expect(await wallet.checkIntegrity()).toMatchObject({ problems: [], hasCheckedSecrets: true });
    await wallet.compact();
    await wallet.close();
    const again = await openTestWallet(folder, { passphrase: "other", unlock: true });
    expect(again.vault.get("seed", bytesOf(1, 4))).toEqual(bytesOf(2));
    expect(again.descriptors.all()).toEqual([{ record, progress: undefined }]);
    await restoreWallet(
      join(folder, "../b"),
      join(folder, "../r"),
      { networkMagic: NETWORK_MAGIC, passphrase: "other" },
      DEPENDENCIES,
    );
    const restored = await openTestWallet(join(folder, "../r"), { passphrase: "other", unlock: true });
    expect(restored.vault.get("seed", bytesOf(1, 4))).toEqual(bytesOf(2));
  });
