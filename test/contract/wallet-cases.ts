import type { RouteCases } from "./cases.ts";
import { ADDRESS, CONFIRMED_TXID, keyed, NO_HASH, OWN_ADDRESS, SECRET_PASSPHRASE, type World } from "./world.ts";

/** How the routes of the node's wallets are brought to succeed and to fail: see `cases.ts`. */

const BASE = "/api/wallet";
/** Longer than names are. */
const LONG_NAME = "x".repeat(101);
const NO_WALLET = "wallet=none";
const get = (path: string) => keyed("GET", `${BASE}${path}`);
const post = (path: string, body?: object) => keyed("POST", `${BASE}${path}`, body);
const put = (path: string, body: object) => keyed("PUT", `${BASE}${path}`, body);

/** What every route of a wallet refuses. */
const asked = (path: string, ask = get) => ({
  400: ask(`${path}?wallet=${LONG_NAME}`),
  404: ask(`${path}?${NO_WALLET}`),
});
/** The same of one with a body. */
const posted = (path: string, body: object) => ({
  400: post(path, { ...body, wallet: LONG_NAME }),
  404: post(path, { ...body, wallet: "none" }),
});

const payment = { to_address: ADDRESS, amount: 10_000, feerate: 2 };

async function paid({ rest }: World): Promise<string> {
  const { txid } = await rest.data("sendFromWallet", post("/transactions", payment));
  return txid!;
}

/** As an address has it. */
async function aCoin({ rest }: World): Promise<string> {
  const { items } = await rest.data("walletUtxos", get("/utxos?limit=1"));
  const { txid, vout } = items[0]!;
  return `${txid}/${vout}`;
}

/** A payment that the wallet keeps to itself. */
async function unsent(world: World): Promise<string> {
  const { config } = world.rest.wallets!;
  Object.assign(config, { broadcasts: false });
  const txid = await paid(world);
  Object.assign(config, { broadcasts: true });
  return txid;
}

const unlocked = { passphrase: SECRET_PASSPHRASE, seconds: 60 };

export const WALLET_CASES = {
  wallets: { success: [get("/wallets")] },
  createWallet: {
    success: [post("/wallets", { name: "fresh" }), post("/wallets", { name: "watching", watch_only: true })],
    failures: { 400: post("/wallets", { name: "" }), 409: post("/wallets", { name: "main" }) },
  },
  loadWallet: {
    success: [
      async ({ rest }) => {
        await rest.data("unloadWallet", post("/wallets/unload", { name: "shop" }));
        return post("/wallets/load", { name: "shop" });
      },
    ],
    failures: {
      400: post("/wallets/load", { name: "" }),
      404: post("/wallets/load", { name: "none" }),
      409: post("/wallets/load", { name: "main" }),
    },
  },
  unloadWallet: {
    success: [
      async ({ rest }) => {
        await rest.data("createWallet", post("/wallets", { name: "short-lived" }));
        return post("/wallets/unload", { name: "short-lived" });
      },
    ],
    failures: { 400: post("/wallets/unload", {}), 404: post("/wallets/unload", { name: "none" }) },
  },
  walletInfo: { success: [get("/info"), get("/info?wallet=shop")], failures: asked("/info") },
  newWalletAddress: {
    success: [post("/wallet", { label: "order 17" })],
    failures: { ...posted("/wallet", {}), 409: post("/wallet", { wallet: "watch" }) },
  },
  walletAddresses: {
    success: [get("/wallet/addresses"), get("/wallet/addresses?wallet=shop&page=1&limit=100")],
    failures: asked("/wallet/addresses"),
  },
  walletAddress: {
    success: [get(`/wallet/${OWN_ADDRESS}`), get(`/wallet/${ADDRESS}`)],
    failures: { 400: get("/wallet/nowhere"), 404: get(`/wallet/${ADDRESS}?${NO_WALLET}`) },
  },
  labelWalletAddress: {
    success: [put(`/wallet/${OWN_ADDRESS}`, { label: "rent" })],
    failures: {
      400: put("/wallet/nowhere", { label: "rent" }),
      404: put(`/wallet/${ADDRESS}`, { wallet: "none", label: "rent" }),
    },
  },
  walletAddressBalance: {
    success: [get(`/wallet/${OWN_ADDRESS}/balance`)],
    failures: { 400: get("/wallet/nowhere/balance"), 404: get(`/wallet/${ADDRESS}/balance`) },
  },
  encryptWallet: {
    success: [
      async ({ rest }) => {
        await rest.data("createWallet", post("/wallets", { name: "plain" }));
        return post("/encrypt", { wallet: "plain", passphrase: "correct horse" });
      },
    ],
    failures: {
      ...posted("/encrypt", { passphrase: "x" }),
      409: post("/encrypt", { wallet: "secret", passphrase: "x" }),
    },
  },
  changeWalletPassphrase: {
    success: [
      post("/passphrase", { wallet: "secret", old_passphrase: SECRET_PASSPHRASE, new_passphrase: SECRET_PASSPHRASE }),
    ],
    failures: {
      ...posted("/passphrase", { old_passphrase: "a", new_passphrase: "b" }),
      409: post("/passphrase", { old_passphrase: "a", new_passphrase: "b" }),
      422: post("/passphrase", { wallet: "secret", old_passphrase: "a", new_passphrase: "b" }),
    },
  },
  unlockWallet: {
    success: [post("/unlock", { ...unlocked, wallet: "secret" })],
    failures: {
      ...posted("/unlock", unlocked),
      409: post("/unlock", unlocked),
      422: post("/unlock", { ...unlocked, wallet: "secret", passphrase: "wrong" }),
    },
  },
  lockWallet: {
    success: [post("/lock?wallet=secret")],
    failures: { ...asked("/lock", post), 409: post("/lock") },
  },

  walletBalance: { success: [get("/balance")], failures: asked("/balance") },
  walletUtxos: { success: [get("/utxos?limit=3"), get("/utxos?with_locked=true")], failures: asked("/utxos") },
  lockWalletCoin: {
    success: [async (world) => put(`/utxos/${await aCoin(world)}`, { is_locked: false })],
    failures: {
      400: put(`/utxos/${CONFIRMED_TXID}/0`, {}),
      404: put(`/utxos/${NO_HASH}/0`, { is_locked: true }),
    },
  },
  walletHistory: {
    success: [get("/transactions?limit=3"), get("/transactions?wallet=shop")],
    failures: { 400: get("/transactions?cursor=x"), 404: get(`/transactions?${NO_WALLET}`) },
  },
  walletTransaction: {
    success: [get(`/transactions/${CONFIRMED_TXID}`)],
    failures: { 400: get("/transactions/zz"), 404: get(`/transactions/${NO_HASH}`) },
  },
  sendFromWallet: {
    success: [
      post("/transactions", { ...payment, is_preview: true }),
      post("/transactions", { ...payment, label: "landlord" }),
      post("/transactions", { ...payment, recipients: [{ to_address: OWN_ADDRESS, amount: 20_000, label: "self" }] }),
      post("/transactions", { to_address: ADDRESS, send_all: true, feerate: 2, is_preview: true }),
      post("/transactions", { ...payment, from_address: OWN_ADDRESS, subtract_fee: true }),
    ],
    failures: {
      400: post("/transactions", { ...payment, to_address: "nowhere" }),
      404: post("/transactions", { ...payment, wallet: "none" }),
      409: post("/transactions", { ...payment, wallet: "shop" }),
    },
  },
  bumpWalletTransaction: {
    success: [async (world) => post(`/transactions/${await paid(world)}/bump`, { feerate: 20 })],
    failures: {
      400: post(`/transactions/${CONFIRMED_TXID}/bump`, { feerate: 5, target: 2 }),
      404: post(`/transactions/${NO_HASH}/bump`, {}),
      409: post(`/transactions/${CONFIRMED_TXID}/bump`, {}),
    },
  },
  payForWalletTransaction: {
    success: [
      async (world) => post(`/transactions/${await paid(world)}/cpfp`, { feerate: 20 }),
      async (world) => post(`/transactions/${await paid(world)}/cpfp`, { feerate: 20, is_preview: true }),
    ],
    failures: {
      400: post(`/transactions/${CONFIRMED_TXID}/cpfp`, { feerate: 5, target: 2 }),
      404: post(`/transactions/${NO_HASH}/cpfp`, {}),
      409: post(`/transactions/${CONFIRMED_TXID}/cpfp`, {}),
    },
  },
  abandonWalletTransaction: {
    success: [async (world) => post(`/transactions/${await unsent(world)}/abandon`)],
    failures: {
      400: post("/transactions/zz/abandon"),
      404: post(`/transactions/${NO_HASH}/abandon`),
      409: post(`/transactions/${CONFIRMED_TXID}/abandon`),
    },
  },
} satisfies Readonly<Record<string, RouteCases>>;
