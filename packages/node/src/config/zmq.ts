import { ZMQ_TOPICS, type ZmqPublication } from "../server/zmq/zmq-topics.ts";
import type { SettingSources } from "./settings.ts";
import { integerSetting, listSetting } from "./values.ts";

/** Messages that wait for a slow subscriber, where the operator does not say. */
const HIGH_WATER_MARK_DEFAULT = 1000;

/** Reads `-zmqpub<topic>` and `-zmqpub<topic>hwm`; addresses were looked at before. */
export function zmqConfigOf(sources: SettingSources): readonly ZmqPublication[] {
  return ZMQ_TOPICS.flatMap((topic) => {
    const highWaterMark = integerSetting(sources, `zmqpub${topic}hwm`) ?? HIGH_WATER_MARK_DEFAULT;
    return listSetting(sources, `zmqpub${topic}`).map((address) => ({
      topic,
      address: address.replace(/^unix:/, "ipc://"),
      highWaterMark,
    }));
  });
}
