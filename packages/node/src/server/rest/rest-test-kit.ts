import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RestData, type RestRouteName, restRoutes } from "@bitfleet/api/rest-routes.ts";
import { envelopeOf } from "@bitfleet/api/schema.ts";
import type { FastifyInstance, InjectOptions } from "fastify";
import { Check, Errors } from "typebox/value";
import type { ChainOptions } from "../../chain/chain.ts";
import { MemoryLog, type Tip } from "../../chain/test-kit.ts";
import { systemRandom } from "../../clock.ts";
import { AddressBook } from "../../indexes/address-book.ts";
import { AddressIndex } from "../../indexes/address-index.ts";
import { AddressMempool } from "../../indexes/address-mempool.ts";
import type { NodeIndexes } from "../../indexes/node-indexes.ts";
import { SpenderIndex } from "../../indexes/spender-index.ts";
import { TxIndex } from "../../indexes/tx-index.ts";
import type { NodeWallets } from "../../wallets/node-wallets.ts";
import { EventStream } from "../events/event-stream.ts";
import type { NetworkControl } from "../network-control.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { createWebApp, type WebAppOptions } from "../web/web-app.ts";
import { WebState, webNodeOf } from "../web/web-state.ts";
import type { WalletForwarder } from "./wallet-forwarder.ts";
import { openTestNodeWallets } from "./wallet-test-kit.ts";

/** A node with its indexes and the HTTP application over it, for tests of routes. */

export const ADMIN_KEY = "0123456789abcdef0123456789abcdef0123456789abcdef";

export interface RestTestNode {
  readonly node: TestNode;
  readonly wallets: NodeWallets | undefined;
  readonly app: FastifyInstance;
  readonly state: WebState;
  /** The data of an answer with status 200 that fits the route's schema; throws otherwise. */
  data<Name extends RestRouteName>(name: Name, request: string | InjectOptions): Promise<RestData<Name>>;
  /** Status and error of an answer in the envelope. */
  refusal(request: string | InjectOptions): Promise<readonly [status: number, error: string]>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RestTestOptions {
  readonly tips?: readonly Tip[];
  /** Default true. */
  readonly hasIndexes?: boolean;
  /** Listens for peers on 127.0.0.1; on no port where absent. */
  readonly p2pPort?: number;
  readonly chainOptions?: Partial<ChainOptions>;
  /** The network that the node is part of. */
  readonly network?: NetworkControl;
  readonly app?: Partial<WebAppOptions>;
  /** Keeps wallets, of which the node has none of its own at first. */
  readonly hasWallets?: boolean;
  /** Where wallets are, if at another node. */
  readonly walletNode?: WalletForwarder;
}

export async function openRestTestNode(options: RestTestOptions = {}): Promise<RestTestNode> {
  const folder = await mkdtemp(join(tmpdir(), "bitfleet-rest-"));
  const node = await openTestNode(join(folder, "data"), options.tips, [], options.chainOptions ?? {}, options.p2pPort);
  const indexes = options.hasIndexes === false ? node.indexes : await openIndexes(node, join(folder, "indexes"));
  const waiting = new AddressMempool(node.mempool);
  const addresses = indexes.addresses && new AddressBook({ chain: node.chain, index: indexes.addresses, waiting });
  const state = new WebState();
  const events = new EventStream({}, { clock: node.clock });
  const app = await createWebApp(
    { version: "1", keys: [{ role: "admin", key: ADMIN_KEY }], ...options.app },
    {
      clock: node.clock,
      log: new MemoryLog(),
      state,
      events,
      network: options.network,
      walletNode: options.walletNode,
    },
  );
  const kept = options.hasWallets === true ? openTestNodeWallets(node, join(folder, "data")) : undefined;
  const webNode = webNodeOf({ ...node, indexes, addresses, ...(kept?.parts ?? {}) });
  state.ready(webNode);
  events.follow(webNode);
  const close = async () => {
    await app.close();
    for (const index of [indexes.transactions, indexes.spenders, indexes.addresses]) await index?.close();
    waiting.close();
    await kept?.close();
    await node.close();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    node,
    wallets: kept?.parts.wallets,
    app,
    state,
    close,
    [Symbol.asyncDispose]: close,
    data: async (name, request) => {
      const response = await app.inject(requestOf(request));
      const body = response.json();
      const schema = envelopeOf(restRoutes[name].data);
      if (response.statusCode !== 200 || !Check(schema, body)) {
        const wrong = response.statusCode === 200 ? JSON.stringify(Errors(schema, body)) : "";
        throw new Error(`${name}: ${response.statusCode} ${response.body} ${wrong}`);
      }
      return body.data as never;
    },
    refusal: async (request) => {
      const response = await app.inject(requestOf(request));
      const { success, data, error } = response.json();
      if (success !== false || data !== null) throw new Error(`no refusal: ${response.body}`);
      return [response.statusCode, error];
    },
  };
}

/** The text is an address that is read. */
const requestOf = (request: string | InjectOptions): InjectOptions =>
  typeof request === "string" ? { method: "GET", url: request } : request;

/** A request with an admin key and a body. */
export function asAdmin(method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: object): InjectOptions {
  return { method, url, headers: { "x-api-key": ADMIN_KEY }, ...(body && { payload: body }) };
}

export const posted = (url: string, body: object): InjectOptions => ({ method: "POST", url, payload: body });

async function openIndexes({ chain, clock, indexes, log }: TestNode, folder: string): Promise<NodeIndexes> {
  const tools = {
    chain,
    clock,
    log,
    random: systemRandom,
    onFatal: (error: Error) => {
      throw error;
    },
  };
  const transactions = await TxIndex.open({ path: join(folder, "txindex") }, tools);
  const spenders = await SpenderIndex.open({ path: join(folder, "txospenderindex") }, tools);
  const addresses = await AddressIndex.open({ path: join(folder, "address") }, tools);
  const all = [transactions, spenders, addresses];
  for (const index of all) index.start();
  for (const index of all)
    while (!(await index.waitUntilCurrent())) await new Promise((resume) => setImmediate(resume));
  return { ...indexes, transactions, spenders, addresses, all };
}
