import type { Payee } from "../network/payee.ts";
import type { PrivateChain } from "../network/private-chain.ts";
import type { AdminKey } from "../server/access/admin-key.ts";

/** A coinbase can be spent when 100 blocks lie on it: one more block makes the first reward spendable. */
export const FIRST_BLOCKS = 101;

/** Options of `bitfleet up`, as commander names them. */
export interface UpOptions {
  readonly data: string;
  readonly interval: number;
  readonly port: number;
  readonly rpcPort: number;
  readonly host: string;
  readonly mining: boolean;
  /** A signet of its own; a folder that holds one goes on with it anyway. */
  readonly signet?: boolean;
  /** Of that signet, which is begun with it: a descriptor, a private key or a file; one that is made for it where absent. */
  readonly signetKey?: string;
  /** Absent: one process is both miner and web server. */
  readonly miners?: number;
  readonly webservers?: number;
}

/** The options, and what is kept in the network's folder. */
export interface UpSettings {
  readonly options: UpOptions;
  readonly folder: string;
  readonly chain: PrivateChain;
  readonly payee: Payee;
  readonly adminKey: AdminKey;
}
