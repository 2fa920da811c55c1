import { type Client, createClientOf, type RouteAddresses } from "@bitfleet/api/rest-client.ts";
import { EVENT_TOPICS } from "./event-names.ts";

/** What the page calls. The schemas stay out of it: these are the addresses alone, held to the table by the compiler. */
const PAGE_ROUTES = {
  blockchain: { path: "/api/v1/blockchain" },
  blocks: { path: "/api/v1/blockchain/blocks" },
  latestBlocks: { path: "/api/v1/blockchain/blocks/latest" },
  block: { path: "/api/v1/blockchain/blocks/{block}" },
  blockOverview: { path: "/api/v1/blockchain/blocks/{block}/summary" },
  blockBytes: { path: "/api/v1/blockchain/blocks/{block}/hex" },
  blockAtTime: { path: "/api/v1/blockchain/blocks/at" },
  blockTransactions: { path: "/api/v1/blockchain/blocks/{block}/transactions" },
  chainSeries: { path: "/api/v1/blockchain/series" },
  chainTips: { path: "/api/v1/blockchain/tips" },
  mempool: { path: "/api/v1/mempool" },
  projectedBlocks: { path: "/api/v1/mempool/blocks" },
  mempoolHistogram: { path: "/api/v1/mempool/histogram" },
  mempoolHistory: { path: "/api/v1/mempool/history" },
  mempoolClusters: { path: "/api/v1/mempool/clusters" },
  mempoolTransactions: { path: "/api/v1/transactions/mempool" },
  feeEstimates: { path: "/api/v1/fees/estimates" },
  transaction: { path: "/api/v1/transactions/{txid}" },
  inputTrace: { path: "/api/v1/transactions/{txid}/trace" },
  tracePasted: { method: "POST", path: "/api/v1/transactions/trace", hasBody: true, isRepeatable: true },
  transactionReplacements: { path: "/api/v1/transactions/{txid}/replacements" },
  decodeTransaction: {
    method: "POST",
    path: "/api/v1/transactions/decode",
    hasBody: true,
    isRepeatable: true,
  },
  testTransactions: { method: "POST", path: "/api/v1/transactions/test", hasBody: true, isRepeatable: true },
  broadcastPackage: { method: "POST", path: "/api/v1/transactions/package", hasBody: true, isRepeatable: true },
  broadcastTransaction: { method: "POST", path: "/api/v1/transactions/broadcast", hasBody: true, isRepeatable: true },
  finalizePsbt: { method: "POST", path: "/api/v1/watch/psbt/finalize", hasBody: true, isRepeatable: true },
  mempoolCluster: { path: "/api/v1/mempool/clusters/{txid}" },
  mining: { path: "/api/v1/mining" },
  setMining: { method: "PUT", path: "/api/admin/mining", hasBody: true },
  minedBlocks: { path: "/api/v1/mining/blocks" },
  miningInfo: { path: "/api/v1/mining/info" },
  generateToAddress: { method: "POST", path: "/api/admin/mining/generatetoaddress", hasBody: true },
  rpcMethods: { path: "/api/v1/rpc/methods" },
  callRpc: { method: "POST", path: "/api/admin/rpc", hasBody: true },
  network: { path: "/api/v1/network" },
  partitionNetwork: { method: "POST", path: "/api/admin/network/partition", hasBody: true },
  healNetwork: { method: "POST", path: "/api/admin/network/heal", isRepeatable: true },
  reorgNetwork: { method: "POST", path: "/api/admin/network/reorg", hasBody: true },
  mineNetwork: { method: "POST", path: "/api/admin/network/mine", hasBody: true },
  networkMiner: { path: "/api/v1/network/miners/{node}" },
  setNetworkMiner: { method: "PUT", path: "/api/admin/network/miners/{node}", hasBody: true },
  restartNetworkNode: { method: "POST", path: "/api/admin/network/restart", hasBody: true },
  snapshots: { path: "/api/admin/network/snapshots" },
  takeSnapshot: { method: "POST", path: "/api/admin/network/snapshots", hasBody: true },
  removeSnapshot: { method: "DELETE", path: "/api/admin/network/snapshots/{name}", isRepeatable: true },
  revertNetwork: { method: "POST", path: "/api/admin/network/revert", isRepeatable: true, hasBody: true },
  setNetworkTime: { method: "POST", path: "/api/admin/network/time", hasBody: true },
  networkLog: { path: "/api/admin/network/logs/{node}" },
  faucet: { method: "POST", path: "/api/admin/network/faucet", hasBody: true },
  search: { path: "/api/v1/search" },
  address: { path: "/api/v1/addresses/{address}" },
  addressSeries: { path: "/api/v1/addresses/{address}/series" },
  watchBalance: { method: "POST", path: "/api/v1/watch/balance", hasBody: true, isRepeatable: true },
  watchUtxos: { method: "POST", path: "/api/v1/watch/utxos", hasBody: true, isRepeatable: true },
  watchHistory: { method: "POST", path: "/api/v1/watch/history", hasBody: true, isRepeatable: true },
  watchAddresses: { method: "POST", path: "/api/v1/watch/addresses", hasBody: true, isRepeatable: true },
  peers: { path: "/api/v1/peers" },
  connectPeer: { method: "POST", path: "/api/admin/peers", hasBody: true },
  forgetPeer: { method: "DELETE", path: "/api/admin/peers" },
  disconnectPeer: { method: "DELETE", path: "/api/admin/peers/{id}" },
  bans: { path: "/api/admin/bans" },
  ban: { method: "POST", path: "/api/admin/bans", hasBody: true },
  unban: { method: "DELETE", path: "/api/admin/bans" },
  wallets: { path: "/api/wallet/wallets" },
  createWallet: { method: "POST", path: "/api/wallet/wallets", hasBody: true },
  loadWallet: { method: "POST", path: "/api/wallet/wallets/load", hasBody: true },
  unloadWallet: { method: "POST", path: "/api/wallet/wallets/unload", hasBody: true },
  walletInfo: { path: "/api/wallet/info" },
  newWalletAddress: { method: "POST", path: "/api/wallet/wallet", hasBody: true },
  walletAddresses: { path: "/api/wallet/wallet/addresses" },
  walletAddress: { path: "/api/wallet/wallet/{address}" },
  labelWalletAddress: { method: "PUT", path: "/api/wallet/wallet/{address}", hasBody: true, isRepeatable: true },
  encryptWallet: { method: "POST", path: "/api/wallet/encrypt", hasBody: true },
  changeWalletPassphrase: { method: "POST", path: "/api/wallet/passphrase", hasBody: true },
  unlockWallet: { method: "POST", path: "/api/wallet/unlock", hasBody: true, isRepeatable: true },
  lockWallet: { method: "POST", path: "/api/wallet/lock", isRepeatable: true },
  walletBalance: { path: "/api/wallet/balance" },
  walletUtxos: { path: "/api/wallet/utxos" },
  lockWalletCoin: { method: "PUT", path: "/api/wallet/utxos/{txid}/{vout}", hasBody: true, isRepeatable: true },
  walletHistory: { path: "/api/wallet/transactions" },
  walletTransaction: { path: "/api/wallet/transactions/{txid}" },
  sendFromWallet: { method: "POST", path: "/api/wallet/transactions", hasBody: true },
  bumpWalletTransaction: { method: "POST", path: "/api/wallet/transactions/{txid}/bump", hasBody: true },
  payForWalletTransaction: { method: "POST", path: "/api/wallet/transactions/{txid}/cpfp", hasBody: true },
  abandonWalletTransaction: {
    method: "POST",
    path: "/api/wallet/transactions/{txid}/abandon",
    isRepeatable: true,
  },
} as const satisfies RouteAddresses;

/** The HTTP interface, as far as the page uses it. */
export type ApiClient = Client<keyof typeof PAGE_ROUTES> & {
  readonly eventsUrl: string;
  /** `peers` as who has the admin key sees them: with their addresses. */
  readonly adminPeers: Client<"peers">["peers"];
};

const ANSWER_TIMEOUT_MS = 15_000;

/**
 * `baseUrl` is the node's origin without a slash at its end; empty means the origin the page came from. `apiKey`
 * is for a node that asks for one where it is read; "" for none; `send` does the requests. Nothing is tried again here: the cache of answers does that.
 */
export function createApiClient(baseUrl = "", apiKey = "", send: typeof fetch = fetch): ApiClient {
  const options = { baseUrl, timeoutMs: ANSWER_TIMEOUT_MS, retries: 0 };
  const client = createClientOf(PAGE_ROUTES, { ...options, apiKey, fetch: send });
  const mirror = createClientOf({ peers: PAGE_ROUTES.peers }, { ...options, fetch: mirrored(send) });
  return {
    ...client,
    adminPeers: mirror.peers,
    eventsUrl: `${baseUrl}/api/v1/events?topics=${EVENT_TOPICS.join(",")}`,
  };
}

/** What is read under /api/v1 is under /api/admin as well, where more of it may be shown to who has the key. */
const mirrored =
  (send: typeof fetch): typeof fetch =>
  (url, options) =>
    send(String(url).replace("/api/v1/", "/api/admin/"), options);
