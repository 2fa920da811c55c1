import type { DecodeAnswer, DecodeRequest } from "./decode-worker.ts";
import type { CodeContent, Effort } from "./read-code.ts";
import type { Pixels } from "./views.ts";

export interface Decoder {
  /** What the code on a picture holds, `undefined` where there is none, or the decoder was closed. The pixels are gone for the caller. Rejects where the worker cannot work. */
  decode(pixels: Pixels, effort: Effort): Promise<CodeContent | undefined>;
  /** Ends the worker, and what it looks at; it is begun anew where there is more to look at. */
  close(): void;
}

interface Waiting {
  readonly resolve: (content: CodeContent | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Reads QR codes in a worker, which is begun with the first picture. */
export function createDecoder(): Decoder {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();
  const begin = (): Worker => {
    const begun = new Worker(new URL("./decode-worker.ts", import.meta.url), { type: "module" });
    begun.onmessage = ({ data }: MessageEvent<DecodeAnswer>) => {
      waiting.get(data.id)?.resolve(data.content);
      waiting.delete(data.id);
    };
    begun.onerror = (event) => {
      // What is known of it is said by who asked.
      event.preventDefault();
      end((one) => one.reject(new Error("the worker failed")));
    };
    return begun;
  };
  const end = (tell: (one: Waiting) => void) => {
    worker?.terminate();
    worker = undefined;
    const all = [...waiting.values()];
    waiting.clear();
    all.forEach(tell);
  };
  return {
    decode: (pixels, effort) =>
      new Promise((resolve, reject) => {
        worker ??= begin();
        const request: DecodeRequest = { id: ++lastId, pixels, effort };
        waiting.set(request.id, { resolve, reject });
        worker.postMessage(request, [pixels.data.buffer]);
      }),
    close: () => end((one) => one.resolve(undefined)),
  };
}
