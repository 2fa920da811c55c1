/** What may be published, in the order in which `getzmqnotifications` shows it. */
export const ZMQ_TOPICS = ["hashblock", "hashtx", "rawblock", "rawtx", "sequence"] as const;
export type ZmqTopic = (typeof ZMQ_TOPICS)[number];

/** One of the options `-zmqpub<topic>`. */
export interface ZmqPublication {
  readonly topic: ZmqTopic;
  /** As libzmq takes it: `tcp://127.0.0.1:28332`, `ipc:///run/node.sock`. */
  readonly address: string;
  /** Messages that wait for a slow subscriber before further ones are left out for it (`-zmqpub<topic>hwm`). */
  readonly highWaterMark: number;
}
