import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/bytes.ts";
import { seededBytes } from "../crypto/test-kit.ts";
import { FrameBuffer, RESERVED_AHEAD_MAX } from "./transport-buffer.ts";

describe("FrameBuffer", () => {
  test("gives back what came, however it was cut, and leaves what follows", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1 }), fc.nat(30), (pieces, surplus) => {
        const whole = concatBytes(...pieces);
        const frame = new FrameBuffer();
        frame.begin(Math.max(0, whole.length - surplus));
        let taken = 0;
        for (const piece of pieces) taken += frame.fill(piece, 0);
        expect(frame.isComplete).toBe(true);
        expect(taken).toBe(frame.frameSize);
        expect(frame.take()).toEqual(whole.subarray(0, taken));
      }),
    );
  });

  test("an announced size allocates nothing, and the first byte a bounded amount", () => {
    const frame = new FrameBuffer();
    frame.begin(4_000_000);
    expect(frame.capacity).toBe(0);
    frame.fill(new Uint8Array(1), 0);
    expect(frame.capacity).toBe(1 + RESERVED_AHEAD_MAX);
  });

  test("what is allocated stays in proportion to what came", () => {
    const frame = new FrameBuffer();
    const bytes = seededBytes(1)(2_000_000);
    frame.begin(bytes.length);
    for (let offset = 0; offset < bytes.length; ) {
      offset += frame.fill(bytes.subarray(0, offset + 1460), offset);
      expect(frame.capacity).toBeLessThanOrEqual(Math.max(2 * offset, offset + RESERVED_AHEAD_MAX));
    }
    const taken = frame.take();
    expect(taken.length).toBe(bytes.length);
    expect(Buffer.compare(taken, bytes)).toBe(0);
  });

  test("a frame of no bytes is complete, and one of known size takes no more", () => {
    const frame = new FrameBuffer();
    frame.begin(0);
    expect(frame.isComplete).toBe(true);
    frame.begin(2);
    expect(frame.isComplete).toBe(false);
    expect(frame.fill(Uint8Array.of(1, 2, 3, 4), 1)).toBe(2);
    expect(frame.take()).toEqual(Uint8Array.of(2, 3));
  });

  test("a frame that was taken is not written to any more", () => {
    const frame = new FrameBuffer();
    frame.begin(3);
    frame.fill(Uint8Array.of(1, 2, 3), 0);
    const first = frame.take();
    frame.begin(3);
    frame.fill(Uint8Array.of(7, 8, 9), 0);
    expect(first).toEqual(Uint8Array.of(1, 2, 3));
  });
});
