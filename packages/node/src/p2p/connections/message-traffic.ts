/** Messages of one type that went one way. */
export interface MessageCount {
  readonly count: number;
  /** As they were on the wire. */
  readonly bytes: number;
}

/** Which way a message went. */
export type MessageDirection = "received" | "sent";

/** Counts the messages of all connections by type, those that are over included. Types are ours, or `*other*`. */
export class MessageTraffic {
  readonly #counts = {
    received: new Map<string, { count: number; bytes: number }>(),
    sent: new Map<string, { count: number; bytes: number }>(),
  };

  count(direction: MessageDirection, type: string, size: number): void {
    const counts = this.#counts[direction];
    const known = counts.get(type);
    if (known === undefined) counts.set(type, { count: 1, bytes: size });
    else {
      known.count++;
      known.bytes += size;
    }
  }

  /** What went that way since the start, by type. */
  by(direction: MessageDirection): ReadonlyMap<string, MessageCount> {
    return this.#counts[direction];
  }
}
