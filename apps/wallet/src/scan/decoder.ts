import type { DecodeAnswer, DecodeRequest } from "./decode-worker.ts";
import type { CodeContent, Effort } from "./read-code.ts";
import type { Pixels } from "./views.ts";

export interface Decoder {
  /**
   * What the code on a picture holds, `undefined` where there is none, or the decoder was closed. The pixels are gone for the caller. Rejects with
   * `DecoderStuck` where it was looked at for too long, and with another error where the worker cannot work.
   */
  decode(pixels: Pixels, effort: Effort): Promise<CodeContent | undefined>;
  /** Ends the worker, and what it looks at; it is begun anew where there is more to look at. */
  close(): void;
}

/** No picture takes so long, on a slow phone either: the worker was ended, and the next picture has a new one. */
export class DecoderStuck extends Error {
  constructor() {
    super("a picture was looked at for too long");
  }
}

/** Of one picture. On a slow machine a large one takes ten seconds. */
export const DECODE_MS_MAX = 40_000;

interface Waiting {
  readonly resolve: (content: CodeContent | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Reads QR codes in a worker, which is begun with the first picture. */
export function createDecoder(begin: () => Worker = decodeWorker): Decoder {
  let worker: Worker | undefined;
  let lastId = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waiting = new Map<number, Waiting>();
  const begun = () => {
    const one = begin();
    one.onmessage = ({ data }: MessageEvent<DecodeAnswer>) => {
      waiting.get(data.id)?.resolve(data.content);
      waiting.delete(data.id);
      watch();
    };
    one.onerror = (event) => {
      // What is known of it is said by who asked.
      event.preventDefault();
      end((waits) => waits.reject(new Error("the worker failed")));
    };
    return one;
  };
  /** The worker looks at one picture after the other: each has its time from when the one before it is done. */
  const watch = () => {
    clearTimeout(timer);
    if (waiting.size > 0) timer = setTimeout(() => end((one) => one.reject(new DecoderStuck())), DECODE_MS_MAX);
  };
  const end = (tell: (one: Waiting) => void) => {
    worker?.terminate();
    worker = undefined;
    const all = [...waiting.values()];
    waiting.clear();
    watch();
    all.forEach(tell);
  };
  return {
    decode: (pixels, effort) =>
      new Promise((resolve, reject) => {
        worker ??= begun();
        const request: DecodeRequest = { id: ++lastId, pixels, effort };
        waiting.set(request.id, { resolve, reject });
        if (waiting.size === 1) watch();
        worker.postMessage(request, [pixels.data.buffer]);
      }),
    close: () => end((one) => one.resolve(undefined)),
  };
}

const decodeWorker = () => new Worker(new URL("./decode-worker.ts", import.meta.url), { type: "module" });
