import type { JsonValue, RpcValue } from "@bitfleet/api/json.ts";
import type { RpcMethodName, RpcParams } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { Chain } from "../../chain/chain.ts";
import type { NodeIndexes } from "../../indexes/node-indexes.ts";
import type { NodeFees } from "../../mempool/fee-advice.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { MempoolKeeper } from "../../mempool/mempool-keeper.ts";
import type { Generator } from "../../mining/generate.ts";
import type { Miner } from "../../mining/miner.ts";
import type { P2pNode } from "../../p2p/p2p-node.ts";
import type { Clock, Logger } from "../../ports.ts";
import type { NodeWallets } from "../../wallets/node-wallets.ts";
import type { ZmqPublication } from "../zmq/zmq-topics.ts";

/** What the calls of category control act on. */
export interface NodeControl {
  /** Begins an orderly end; the reply to the caller still goes out. */
  requestStop(): void;
  /** Seconds since the node started. */
  uptimeSeconds(): number;
  /** Full path of debug.log, or "" where none is written. */
  readonly debugLogPath: string;
  /** Sets the time that consensus rules see, in seconds since 1970; 0 returns to real time. Absent where time is real only. */
  readonly setMockTime?: (seconds: number) => void;
  /** The time that was set so; 0 where it is real. */
  readonly mockTimeSeconds?: () => number;
  /** Brings periodic jobs forward; what is due by then has run on return. Absent where time is real only. */
  readonly moveSchedulerForward?: (seconds: number) => void;
  /** Log categories that can be switched, with whether each is on. */
  readonly logging?: {
    readonly categories: () => Readonly<Record<string, boolean>>;
    /** False where there is no such category. */
    readonly enable: (category: string, on: boolean) => boolean;
  };
}

/** Everything the JSON-RPC handlers use. */
export interface RpcDependencies {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly fees: NodeFees;
  readonly mempoolKeeper: Pick<MempoolKeeper, "import" | "isLoaded" | "path" | "save">;
  readonly indexes: NodeIndexes;
  /** Absent in a node without peers. */
  readonly p2p: P2pNode | undefined;
  /** Makes blocks at once, for the generate calls. */
  readonly generator: Pick<
    Generator,
    "generate" | "generateBlock" | "template" | "blockOf" | "minFeerateSatPerKvb" | "lastAssembled"
  >;
  /** Makes blocks by itself. */
  readonly miner: Pick<Miner, "status" | "configure" | "hold" | "lastFound">;
  readonly control: NodeControl;
  /** Tells whether the keys of scripts are keys. */
  readonly secp256k1: Secp256k1;
  /** Absent with `-disablewallet`. */
  readonly wallets?: NodeWallets | undefined;
  /** What is published over ZeroMQ. */
  readonly zmq: readonly ZmqPublication[];
  readonly clock: Clock;
  readonly log: Logger;
  /** What `-deprecatedrpc` asks for. */
  readonly deprecated: readonly string[];
  /** `/Satoshi:…/`-like name that getnetworkinfo shows, e.g. `/Bitfleet:0.1.0/`. */
  readonly userAgent: string;
}

/** What a handler knows of the call besides its parameters. */
export interface RpcCallContext {
  /** Wallet of a `/wallet/<name>` endpoint. */
  readonly wallet: string | undefined;
  /** Parameters as the caller gave them, in order. */
  readonly positional: readonly JsonValue[];
  /** Aborted when the client goes away or the server closes. */
  readonly signal: AbortSignal;
  /** Calls under way, this one included. */
  readonly activeCalls: () => readonly { readonly method: string; readonly durationUs: number }[];
}

/** Answers one method: `params` by name, checked, defaults filled in. Throws `RpcError` for every error a caller may see. */
export type RpcHandler<Name extends RpcMethodName> = (
  params: RpcParams<Name>,
  context: RpcCallContext,
) => RpcValue | Promise<RpcValue>;

/** A handler for every method of the table. */
export type RpcHandlers = { readonly [Name in RpcMethodName]: RpcHandler<Name> };
