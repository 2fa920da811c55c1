import type { RestRouteName } from "@bitfleet/api/rest-routes.ts";
import type { InjectOptions } from "fastify";
import type { NetworkFaultKind } from "../../packages/node/src/server/network-control.ts";
import { posted, type RestTestNode } from "../../packages/node/src/server/rest/rest-test-kit.ts";
import { WALLET_CASES } from "./wallet-cases.ts";
import {
  ADDRESS,
  CONFIRMED_TXID,
  keyed,
  NO_HASH,
  OWN_ADDRESS,
  OWN_DESCRIPTOR,
  openBareNode,
  openPrunedNode,
  openRefusingNode,
  REFUSED_HEX,
  TIP_HASH,
  UNSENT_CHILD_HEX,
  UNSENT_HEX,
  UNSPENT_TXID,
  WAITING_TXID,
  type World,
} from "./world.ts";

/**
 * How each route of the table is brought to succeed, and to each failure that it declares. A route that is not here fails the
 * test; so does a status that it declares and that nothing here provokes. What all routes of a kind do (503 of a node that
 * starts, keys, bodies that cannot be read) is tested for all of them and need not be here.
 */

export type Request = string | InjectOptions;

export interface Case {
  /** A text is an address that is read. */
  readonly request: Request | ((world: World) => Request | Promise<Request>);
  /** Asks another node than the world's. */
  readonly node?: () => Promise<RestTestNode>;
}

export interface RouteCases {
  /** Each must succeed, in this order. */
  readonly success: readonly Case["request"][];
  /** Each must be answered with its status, behind the successes. */
  readonly failures?: Readonly<Record<number, Case["request"] | Case>>;
}

const V1 = "/api/v1";
const BLOCKS = `${V1}/blockchain/blocks`;
const TRANSACTIONS = `${V1}/transactions`;
const PEERS = "/api/admin/peers";
const NETWORK = "/api/admin/network";
const BANS = "/api/admin/bans";
const RPC = "/api/admin/rpc";
const ADDRESSES = `${V1}/addresses`;
const noTransaction = { request: `${TRANSACTIONS}/${NO_HASH}` };
const LEGACY_ADDRESS = "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn";
const CURSOR_OF_ANOTHER_LIST = "cursor=x";

/** The first connection that stands. */
async function firstPeer({ rest }: World): Promise<number> {
  for (;;) {
    const [peer] = await rest.data("peers", `${V1}/peers`);
    if (peer !== undefined) return peer.id;
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

const blockFailures = (tail: string) => ({
  400: `${BLOCKS}/xyz${tail}`,
  404: `${BLOCKS}/${NO_HASH}${tail}`,
});

const NETWORK_FAULTS: Readonly<Record<number, NetworkFaultKind>> = {
  400: "value",
  404: "unknown",
  409: "conflict",
  503: "unavailable",
};

/** What the network refuses, in each of its ways. A failure that a route does not declare breaks the document. */
function networkCases(request: Request, kinds = NETWORK_FAULTS): RouteCases {
  const failures = Object.entries(kinds).map(([status, kind]) => [
    status,
    (world: World) => {
      world.network.failNext(kind);
      return request;
    },
  ]);
  return { success: [request], failures: Object.fromEntries(failures) };
}

/** 400 where it is no address, 501 where the node keeps no index of them. */
const addressFailures = (wrong: Request, right: Request) => ({
  400: wrong,
  501: { request: right, node: openBareNode },
});

/** Pays from what the blocks of the chain pay to. */
const PSBT_REQUEST = {
  descriptors: [{ descriptor: OWN_DESCRIPTOR }],
  outputs: [{ address: ADDRESS, sats: 100_000 }],
  feerate_sat_per_kvb: 2000,
};

/** What descriptors and addresses have together. */
function watchCases(name: string, more: object = {}): RouteCases {
  const asked = (body: object) => posted(`${V1}/watch/${name}`, { ...body, ...more });
  return {
    success: [
      asked({ addresses: [OWN_ADDRESS, ADDRESS] }),
      asked({ descriptors: [{ descriptor: `addr(${OWN_ADDRESS})` }] }),
    ],
    failures: addressFailures(asked({}), asked({ addresses: [ADDRESS] })),
  };
}

export const CASES: Readonly<Partial<Record<RestRouteName, RouteCases>>> = {
  blockchain: { success: [`${V1}/blockchain`] },
  blocks: { success: [BLOCKS, `${BLOCKS}?page=1&limit=100`], failures: { 400: `${BLOCKS}?limit=101` } },
  latestBlocks: { success: [`${BLOCKS}/latest?limit=3`], failures: { 400: `${BLOCKS}/latest?limit=0` } },
  block: { success: [`${BLOCKS}/${TIP_HASH}`, `${BLOCKS}/0`], failures: blockFailures("") },
  blockTransactions: {
    success: [`${BLOCKS}/${TIP_HASH}/transactions?limit=2`, `${BLOCKS}/0/transactions?page=7`],
    failures: blockFailures("/transactions"),
  },
  blockTransactionIds: { success: [`${BLOCKS}/${TIP_HASH}/txids`], failures: blockFailures("/txids") },
  blockBytes: { success: [`${BLOCKS}/0/hex`], failures: blockFailures("/hex") },
  blockOverview: {
    success: [`${BLOCKS}/${TIP_HASH}/summary`, `${BLOCKS}/0/summary`],
    failures: blockFailures("/summary"),
  },
  blockAtTime: {
    success: [`${BLOCKS}/at?time=4000000000`],
    failures: { 400: `${BLOCKS}/at`, 404: `${BLOCKS}/at?time=1` },
  },
  chainSeries: {
    success: [`${V1}/blockchain/series?last=3`, `${V1}/blockchain/series`, `${V1}/blockchain/series?from=0&to=5`],
    failures: { 400: `${V1}/blockchain/series?last=0`, 404: `${V1}/blockchain/series?from=999999` },
  },
  headers: {
    success: [`${V1}/blockchain/headers/0?count=3`, `${V1}/blockchain/headers/${TIP_HASH}`],
    failures: { 400: `${V1}/blockchain/headers/0?count=0`, 404: `${V1}/blockchain/headers/${NO_HASH}` },
  },
  chainTips: { success: [`${V1}/blockchain/tips`] },

  transactions: {
    success: [`${TRANSACTIONS}?limit=3`, nextOf("transactions", `${TRANSACTIONS}?limit=3`)],
    failures: {
      400: `${TRANSACTIONS}?${CURSOR_OF_ANOTHER_LIST}`,
      404: { request: `${TRANSACTIONS}?cursor=t1-1-${"0".repeat(16)}`, node: openPrunedNode },
    },
  },
  transaction: {
    success: [`${TRANSACTIONS}/${CONFIRMED_TXID}`, `${TRANSACTIONS}/${WAITING_TXID}`],
    failures: { 400: `${TRANSACTIONS}/zz`, 404: noTransaction },
  },
  inputTrace: {
    success: [`${TRANSACTIONS}/${CONFIRMED_TXID}/trace?input=0`, `${TRANSACTIONS}/${WAITING_TXID}/trace?input=0`],
    failures: {
      400: `${TRANSACTIONS}/${CONFIRMED_TXID}/trace`,
      404: `${TRANSACTIONS}/${CONFIRMED_TXID}/trace?input=99`,
    },
  },
  tracePasted: {
    success: [posted(`${TRANSACTIONS}/trace`, { transactions: [UNSENT_HEX, UNSENT_CHILD_HEX], input: 0 })],
    failures: {
      400: posted(`${TRANSACTIONS}/trace`, { transactions: [UNSENT_HEX] }),
      404: posted(`${TRANSACTIONS}/trace`, { transactions: [UNSENT_HEX], input: 99 }),
    },
  },
  transactionReplacements: {
    success: [`${TRANSACTIONS}/${WAITING_TXID}/replacements`, `${TRANSACTIONS}/${NO_HASH}/replacements`],
    failures: { 400: `${TRANSACTIONS}/zz/replacements` },
  },
  decodeTransaction: {
    success: [posted(`${TRANSACTIONS}/decode`, { hex: UNSENT_HEX })],
    failures: { 400: posted(`${TRANSACTIONS}/decode`, { hex: "00".repeat(20) }) },
  },
  testTransactions: {
    success: [
      posted(`${TRANSACTIONS}/test`, { transactions: [UNSENT_HEX, UNSENT_CHILD_HEX] }),
      posted(`${TRANSACTIONS}/test`, { transactions: [UNSENT_HEX, UNSENT_CHILD_HEX], as_package: true }),
      posted(`${TRANSACTIONS}/test`, { transactions: [REFUSED_HEX] }),
    ],
    failures: { 400: posted(`${TRANSACTIONS}/test`, { transactions: [] }) },
  },
  broadcastPackage: {
    success: [posted(`${TRANSACTIONS}/package`, { transactions: [REFUSED_HEX] })],
    failures: { 400: posted(`${TRANSACTIONS}/package`, { transactions: ["00".repeat(20)] }) },
  },
  broadcastTransaction: {
    success: [
      posted(`${TRANSACTIONS}/broadcast`, { hex: UNSENT_HEX }),
      posted(`${TRANSACTIONS}/broadcast`, { hex: UNSENT_HEX }),
    ],
    failures: {
      400: posted(`${TRANSACTIONS}/broadcast`, { hex: "00" }),
      409: async ({ rest }) => {
        const { hex } = await rest.data("transaction", `${TRANSACTIONS}/${UNSPENT_TXID}`);
        return posted(`${TRANSACTIONS}/broadcast`, { hex });
      },
      422: posted(`${TRANSACTIONS}/broadcast`, { hex: REFUSED_HEX }),
    },
  },

  address: {
    success: [`${ADDRESSES}/${ADDRESS}`, `${ADDRESSES}/${OWN_ADDRESS}`, `${ADDRESSES}/${NO_HASH}`],
    failures: addressFailures(`${ADDRESSES}/nowhere`, `${ADDRESSES}/${ADDRESS}`),
  },
  addressBalance: {
    success: [`${ADDRESSES}/${OWN_ADDRESS}/balance`],
    failures: addressFailures(`${ADDRESSES}/nowhere/balance`, `${ADDRESSES}/${ADDRESS}/balance`),
  },
  addressUtxos: {
    success: [
      `${ADDRESSES}/${OWN_ADDRESS}/utxo?limit=2`,
      nextOf("addressUtxos", `${ADDRESSES}/${OWN_ADDRESS}/utxo?limit=2`),
    ],
    failures: addressFailures(`${ADDRESSES}/${ADDRESS}/utxo?limit=0`, `${ADDRESSES}/${ADDRESS}/utxo`),
  },
  addressHistory: {
    success: [
      `${ADDRESSES}/${OWN_ADDRESS}/history?limit=2`,
      nextOf("addressHistory", `${ADDRESSES}/${OWN_ADDRESS}/history?limit=2`),
    ],
    failures: addressFailures(
      `${ADDRESSES}/${ADDRESS}/history?${CURSOR_OF_ANOTHER_LIST}`,
      `${ADDRESSES}/${ADDRESS}/history`,
    ),
  },
  addressSeries: {
    success: [`${ADDRESSES}/${OWN_ADDRESS}/series`, `${ADDRESSES}/${ADDRESS}/series`],
    failures: addressFailures(`${ADDRESSES}/nowhere/series`, `${ADDRESSES}/${ADDRESS}/series`),
  },
  addressTransactions: {
    success: [`${TRANSACTIONS}/address/${OWN_ADDRESS}?limit=2`],
    failures: addressFailures(`${TRANSACTIONS}/address/nowhere`, `${TRANSACTIONS}/address/${ADDRESS}`),
  },
  addressBatch: {
    success: [posted(`${ADDRESSES}/batch`, { addresses: [OWN_ADDRESS, ADDRESS] })],
    failures: addressFailures(
      posted(`${ADDRESSES}/batch`, { addresses: ["nowhere"] }),
      posted(`${ADDRESSES}/batch`, { addresses: [ADDRESS] }),
    ),
  },

  watchBalance: watchCases("balance"),
  watchUtxos: watchCases("utxos", { limit: 2 }),
  watchHistory: watchCases("history", { limit: 2 }),
  watchAddresses: watchCases("addresses"),
  buildPsbt: {
    success: [posted(`${V1}/watch/psbt`, PSBT_REQUEST)],
    failures: {
      400: posted(`${V1}/watch/psbt`, { ...PSBT_REQUEST, outputs: [{ address: "nowhere", sats: 100_000 }] }),
      422: posted(`${V1}/watch/psbt`, { ...PSBT_REQUEST, outputs: [{ address: ADDRESS, sats: 1 }] }),
      501: { request: posted(`${V1}/watch/psbt`, PSBT_REQUEST), node: openBareNode },
    },
  },
  finalizePsbt: {
    success: [
      async ({ rest }) => {
        const { psbt } = await rest.data("buildPsbt", posted(`${V1}/watch/psbt`, PSBT_REQUEST));
        return posted(`${V1}/watch/psbt/finalize`, { psbts: [psbt, psbt] });
      },
    ],
    failures: { 400: posted(`${V1}/watch/psbt/finalize`, { psbts: ["nonsense"] }) },
  },
  verifyMessage: {
    success: [
      posted(`${V1}/messages/verify`, { address: ADDRESS, message: "x", signature: "smpAA==" }),
      posted(`${V1}/messages/verify`, { address: LEGACY_ADDRESS, message: "x", signature: "AA==" }),
    ],
    failures: {
      400: posted(`${V1}/messages/verify`, { address: NO_HASH, message: "x", signature: "smpAA==" }),
    },
  },

  ...WALLET_CASES,

  mempool: { success: [`${V1}/mempool`] },
  projectedBlocks: { success: [`${V1}/mempool/blocks`] },
  mempoolHistogram: { success: [`${V1}/mempool/histogram`] },
  mempoolHistory: {
    success: [`${V1}/mempool/history`],
    failures: { 400: `${V1}/mempool/history?seconds=1` },
  },
  mempoolClusters: {
    success: [`${V1}/mempool/clusters?min_count=1`, `${V1}/mempool/clusters`],
    failures: { 400: `${V1}/mempool/clusters?${CURSOR_OF_ANOTHER_LIST}` },
  },
  mempoolCluster: {
    success: [`${V1}/mempool/clusters/${WAITING_TXID}`],
    failures: { 400: `${V1}/mempool/clusters/1`, 404: `${V1}/mempool/clusters/${CONFIRMED_TXID}` },
  },
  mempoolTransactions: {
    success: [
      `${TRANSACTIONS}/mempool`,
      `${TRANSACTIONS}/mempool?limit=1`,
      `${TRANSACTIONS}/mempool?sort=feerate&min_feerate_sat_per_kvb=1000&replaceable=false&has_children=false`,
    ],
    failures: { 400: `${TRANSACTIONS}/mempool?${CURSOR_OF_ANOTHER_LIST}` },
  },
  mempoolTransaction: {
    success: [`${TRANSACTIONS}/mempool/${WAITING_TXID}`],
    failures: { 400: `${TRANSACTIONS}/mempool/1`, 404: `${TRANSACTIONS}/mempool/${CONFIRMED_TXID}` },
  },
  feeEstimates: {
    success: [`${V1}/fees/estimates?mode=conservative`],
    failures: { 400: `${V1}/fees/estimates?mode=cheap` },
  },

  miningInfo: { success: [`${V1}/mining/info`] },
  mining: { success: [`${V1}/mining`] },
  minedBlocks: {
    success: [`${V1}/mining/blocks`, `${V1}/mining/blocks?limit=5`],
    failures: { 400: `${V1}/mining/blocks?limit=0` },
  },
  setMining: {
    success: [keyed("PUT", "/api/admin/mining", { interval_seconds: 5 })],
    failures: { 400: keyed("PUT", "/api/admin/mining", { address: "nowhere" }) },
  },
  generateToAddress: {
    success: [keyed("POST", "/api/admin/mining/generatetoaddress", { address: ADDRESS, nblocks: 1 })],
    failures: {
      400: keyed("POST", "/api/admin/mining/generatetoaddress", { address: "nowhere", nblocks: 1 }),
      422: {
        request: keyed("POST", "/api/admin/mining/generatetoaddress", { address: ADDRESS, nblocks: 1 }),
        node: openRefusingNode,
      },
    },
  },

  peers: { success: [`${V1}/peers`, keyed("GET", PEERS)] },
  connectPeer: {
    success: [({ peerPort }) => keyed("POST", PEERS, { node: `127.0.0.1:${peerPort}`, keep: true })],
    failures: {
      400: keyed("POST", PEERS, { node: "" }),
      409: ({ peerPort }) => keyed("POST", PEERS, { node: `127.0.0.1:${peerPort}`, keep: true }),
    },
  },
  forgetPeer: {
    success: [({ peerPort }) => keyed("DELETE", `${PEERS}?node=127.0.0.1:${peerPort}`)],
    failures: { 400: keyed("DELETE", PEERS), 404: keyed("DELETE", `${PEERS}?node=127.0.0.1:1`) },
  },
  disconnectPeer: {
    success: [
      async (world) => {
        await world.rest.data("connectPeer", keyed("POST", PEERS, { node: `127.0.0.1:${world.peerPort}` }));
        return keyed("DELETE", `${PEERS}/${await firstPeer(world)}`);
      },
    ],
    failures: { 400: keyed("DELETE", `${PEERS}/x`), 404: keyed("DELETE", `${PEERS}/4711`) },
  },
  ban: {
    success: [keyed("POST", BANS, { subnet: "192.0.2.0/24", seconds: 100 })],
    failures: {
      400: keyed("POST", BANS, { subnet: "nowhere" }),
      409: keyed("POST", BANS, { subnet: "192.0.2.0/24" }),
    },
  },
  bans: { success: [keyed("GET", BANS)] },
  unban: {
    success: [keyed("DELETE", `${BANS}?subnet=192.0.2.0/24`)],
    failures: { 400: keyed("DELETE", `${BANS}?subnet=nowhere`) },
  },

  network: { success: [`${V1}/network`], failures: { 404: { request: `${V1}/network`, node: openBareNode } } },
  partitionNetwork: networkCases(keyed("POST", `${NETWORK}/partition`, { groups: [["miner-0"], ["miner-1"]] })),
  healNetwork: networkCases(keyed("POST", `${NETWORK}/heal`)),
  reorgNetwork: networkCases(keyed("POST", `${NETWORK}/reorg`, { depth: 2 })),
  mineNetwork: networkCases(keyed("POST", `${NETWORK}/mine`, { blocks: 1, address: ADDRESS })),
  networkMiner: networkCases(`${V1}/network/miners/miner-0`, {
    400: "value",
    404: "unknown",
    503: "unavailable",
  }),
  setNetworkMiner: networkCases(keyed("PUT", `${NETWORK}/miners/miner-0`, { pacing: "off" })),
  restartNetworkNode: networkCases(keyed("POST", `${NETWORK}/restart`, { node: "miner-0" })),
  setNetworkTime: networkCases(keyed("POST", `${NETWORK}/time`, { offset: 7200 })),
  faucet: networkCases(keyed("POST", `${NETWORK}/faucet`, { address: ADDRESS, sats: 1000 })),
  snapshots: networkCases(keyed("GET", `${NETWORK}/snapshots`), { 404: "unknown", 409: "conflict" }),
  takeSnapshot: networkCases(keyed("POST", `${NETWORK}/snapshots`, { name: "base" })),
  removeSnapshot: networkCases(keyed("DELETE", `${NETWORK}/snapshots/base`)),
  revertNetwork: networkCases(keyed("POST", `${NETWORK}/revert`, { name: "base" })),
  networkLog: networkCases(keyed("GET", `${NETWORK}/logs/miner-0?lines=5`), {
    400: "value",
    404: "unknown",
    503: "unavailable",
  }),

  rpcMethods: { success: [`${V1}/rpc/methods`] },
  callRpc: {
    success: [
      keyed("POST", RPC, { method: "getblockhash", params: [0] }),
      keyed("POST", RPC, { method: "getblockhash", params: { height: 0 } }),
      keyed("POST", RPC, { method: "getwalletinfo", wallet: "main" }),
    ],
    failures: {
      400: keyed("POST", RPC, { method: "getblockhash" }),
      404: keyed("POST", RPC, { method: "getnothing" }),
      409: keyed("POST", RPC, { method: "createwallet", params: ["main"] }),
      422: keyed("POST", RPC, { method: "sendrawtransaction", params: [REFUSED_HEX] }),
    },
  },

  search: {
    success: ["0", TIP_HASH, CONFIRMED_TXID, `${CONFIRMED_TXID}:0`, ADDRESS, "nothing"].map(
      (q) => `${V1}/search?q=${q}`,
    ),
    failures: { 400: `${V1}/search?q=` },
  },
};

/** The part of a list behind the one that `url` answers. */
function nextOf(name: "transactions" | "addressUtxos" | "addressHistory", url: string) {
  return async ({ rest }: World): Promise<string> => {
    const { next_cursor: cursor } = await rest.data(name, url);
    return `${url}&cursor=${cursor}`;
  };
}
