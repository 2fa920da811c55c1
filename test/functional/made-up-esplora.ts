import type { ServerResponse } from "node:http";
import { type HostileServer, hostileServer } from "../../packages/api/src/hostile-server-test-kit.ts";
import { fromHex, toHex } from "../../packages/protocol/src/bytes/bytes.ts";
import { Reader } from "../../packages/protocol/src/bytes/cursor.ts";
import { networkByName } from "../../packages/protocol/src/consensus/networks.ts";
import { sha256 } from "../../packages/protocol/src/crypto/hash.ts";
import { decodeTransaction, Transaction } from "../../packages/protocol/src/primitives/transaction.ts";
import { displayHash, type Txid } from "../../packages/protocol/src/primitives/types.ts";
import { decodeAddress } from "../../packages/protocol/src/script/address.ts";

/** A server that speaks Esplora's interface of a public chain which is made up, on a socket: what a wallet does with it needs no node of that chain. */

const CHAIN_PAGE = 25;
/** Coins of nobody that were spent, of all servers. */
let made = 0;

interface Known {
  readonly transaction: Transaction;
  readonly height: number | undefined;
}

export class MadeUpEsplora {
  readonly chain: string;
  /** Of the newest block. */
  height: number;
  time: number;
  /** Answers in place of the server's own; `undefined` leaves it to that. */
  instead: ((path: string, response: ServerResponse) => boolean) | undefined;
  /** What becomes of an answer before it is sent. */
  change: (path: string, answer: unknown) => unknown = (_path, answer) => answer;
  readonly asked: string[] = [];
  /** What was handed in. */
  readonly taken: string[] = [];
  readonly #known = new Map<string, Known>();
  readonly #byScript = new Map<string, string[]>();
  #server: HostileServer | undefined;

  private constructor(chain: string, { height, time }: { readonly height: number; readonly time: number }) {
    this.chain = chain;
    this.height = height;
    this.time = time;
  }

  static async start(chain: string, tip: { readonly height: number; readonly time: number }): Promise<MadeUpEsplora> {
    const esplora = new MadeUpEsplora(chain, tip);
    esplora.#server = await hostileServer(async (response, request) => {
      const path = request.url!;
      // Pages of any origin may ask it.
      response.setHeader("access-control-allow-origin", "*");
      esplora.asked.push(path);
      if (esplora.instead?.(path, response) === true) return;
      if (request.method === "POST") return esplora.#take(await textOf(request), response);
      const answer = esplora.change(path, esplora.#answer(path));
      if (answer === undefined) return void response.writeHead(404).end("not found");
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    });
    return esplora;
  }

  get url(): string {
    return this.#server!.url;
  }

  /** A transaction of nobody's coins that pays an address. Without a height it waits for a block. */
  pay(address: string, value: bigint, height?: number): string {
    const decoded = decodeAddress(address, networkByName(this.chain)!.addressPrefixes);
    if ("error" in decoded) throw new Error(decoded.error);
    return this.payScript(decoded.script, value, height);
  }

  payScript(script: Uint8Array, value: bigint, height?: number): string {
    const from = sha256(new TextEncoder().encode(`coin ${made++}`)) as Txid;
    return this.add(
      new Transaction({
        version: 2,
        inputs: [{ previousOutput: { txid: from, index: 0 }, scriptSig: Uint8Array.of(), sequence: 0, witness: [] }],
        outputs: [{ value, scriptPubKey: script }],
        lockTime: 0,
      }),
      height,
    );
  }

  /** Knows a transaction from now on, or of it that it is in a block. */
  add(transaction: Transaction, height?: number): string {
    const txid = displayHash(transaction.txid);
    const isNew = !this.#known.has(txid);
    this.#known.set(txid, { transaction, height });
    for (const script of new Set(this.#scriptsOf(transaction))) {
      const found = this.#byScript.get(script) ?? [];
      this.#byScript.set(script, found);
      if (isNew) found.push(txid);
    }
    return txid;
  }

  /** Knows nothing of a transaction any more, as a server whose mempool was full or was begun anew. */
  drop(txid: string): void {
    this.#known.delete(txid);
    for (const [script, txids] of this.#byScript) {
      this.#byScript.set(
        script,
        txids.filter((one) => one !== txid),
      );
    }
  }

  /** A transaction that it has. */
  transaction(txid: string): Transaction {
    return this.#known.get(txid)!.transaction;
  }

  #scriptsOf({ inputs, outputs }: Transaction): string[] {
    const spent = inputs.flatMap(({ previousOutput: { txid, index } }) => {
      const output = this.#known.get(displayHash(txid))?.transaction.outputs[index];
      return output === undefined ? [] : [output];
    });
    return [...spent, ...outputs].map(({ scriptPubKey }) => toHex(sha256(scriptPubKey)));
  }

  #blockHash(height: number): string {
    const { genesis } = networkByName(this.chain)!.params;
    if (height === 0) return displayHash(genesis.header.hash);
    return toHex(sha256(new TextEncoder().encode(`${this.chain} ${height}`)));
  }

  #view(txid: string) {
    const { transaction, height } = this.#known.get(txid)!;
    const status =
      height === undefined
        ? { confirmed: false }
        : { confirmed: true, block_height: height, block_hash: this.#blockHash(height), block_time: this.time };
    const vin = transaction.inputs.map(({ previousOutput }) => ({ txid: displayHash(previousOutput.txid) }));
    return { txid, vin, weight: transaction.bytes.length * 4, fee: 200, status };
  }

  #answer(path: string): unknown {
    const [, first, second, third, fourth, fifth] = path.split("/");
    if (path === "/blocks/tip/hash") return this.#blockHash(this.height);
    if (path === "/blocks") return [{ timestamp: this.time }, { timestamp: this.time - 600 }];
    if (path === "/fee-estimates") return { "2": 2, "6": 1 };
    if (first === "block-height") return Number(second) <= this.height ? this.#blockHash(Number(second)) : undefined;
    if (first === "block") return { id: second, height: this.height, timestamp: this.time };
    if (first === "tx" && this.#known.has(second!)) {
      return third === "hex" ? toHex(this.transaction(second!).bytes) : this.#view(second!);
    }
    if (first !== "scripthash") return undefined;
    const heightOf = (txid: string) => this.#known.get(txid)!.height;
    const found = this.#byScript.get(second!) ?? [];
    const chain = found.filter((txid) => heightOf(txid) !== undefined);
    const waiting = found.filter((txid) => heightOf(txid) === undefined);
    if (third === undefined)
      return { chain_stats: { tx_count: chain.length }, mempool_stats: { tx_count: waiting.length } };
    if (fourth === "mempool") return waiting.map((txid) => this.#view(txid));
    chain.sort((a, b) => heightOf(b)! - heightOf(a)!);
    const from = fifth === undefined ? 0 : chain.indexOf(fifth) + 1;
    return chain.slice(from, from + CHAIN_PAGE).map((txid) => this.#view(txid));
  }

  #take(hex: string, response: ServerResponse): void {
    const transaction = decodeTransaction(new Reader(fromHex(hex)));
    this.taken.push(displayHash(transaction.txid));
    response.end(this.add(transaction));
  }
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const piece of body) text += String(piece);
  return text;
}
