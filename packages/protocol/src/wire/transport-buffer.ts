import { EMPTY_BYTES } from "../bytes/bytes.ts";

/**
 * Bytes that may be allocated beyond those that are there, or as many again where those are more: an announced length
 * alone costs us no more than this.
 */
export const RESERVED_AHEAD_MAX = 256 * 1024;

/** Collects a frame of known size from bytes that come in pieces, in a buffer that grows with what has come. */
export class FrameBuffer {
  #bytes: Uint8Array = EMPTY_BYTES;
  #size = 0;
  #frameSize = 0;

  /** Forgets what there is and waits for `frameSize` bytes. */
  begin(frameSize: number): void {
    this.#bytes = EMPTY_BYTES;
    this.#size = 0;
    this.#frameSize = frameSize;
  }

  get frameSize(): number {
    return this.#frameSize;
  }

  get isComplete(): boolean {
    return this.#size === this.#frameSize;
  }

  /** What is allocated at present. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Copies from `bytes` at `offset` what the frame lacks and is there; answers how many bytes that was. */
  fill(bytes: Uint8Array, offset: number): number {
    const count = Math.min(bytes.length - offset, this.#frameSize - this.#size);
    const size = this.#size + count;
    if (size > this.#bytes.length) this.#grow(size);
    this.#bytes.set(bytes.subarray(offset, offset + count), this.#size);
    this.#size = size;
    return count;
  }

  /** The whole frame, in a buffer that is the caller's from now on. */
  take(): Uint8Array {
    const frame = this.#bytes;
    this.begin(0);
    return frame;
  }

  /** At least doubles, so that the copying stays in proportion; a small frame gets all it needs at once. */
  #grow(sizeNeeded: number): void {
    const capacity = Math.max(2 * this.#bytes.length, sizeNeeded + RESERVED_AHEAD_MAX);
    const larger = new Uint8Array(Math.min(this.#frameSize, capacity));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
