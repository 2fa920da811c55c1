import type { Decoder } from "./decoder.ts";
import { framePixels } from "./pixels.ts";
import type { CodeContent } from "./read-code.ts";

/** Between two looks: a hand that holds a code holds it for longer. */
const FRAME_INTERVAL_MS = 160;

interface FrameReading {
  readonly onContent: (content: CodeContent) => void;
  /** The worker cannot work. */
  readonly onFailure: () => void;
}

/** Looks at a video again and again, one frame at a time, until the answer is called. */
export function readFrames(video: HTMLVideoElement, decoder: Decoder, reading: FrameReading): () => void {
  const canvas = document.createElement("canvas");
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    const pixels = framePixels(video, canvas);
    const content = pixels && (await decoder.decode(pixels, "frame"));
    if (isOver) return;
    if (content !== undefined) reading.onContent(content);
    wait();
  };
  const wait = () => {
    timer = setTimeout(() => void look().catch(() => isOver || reading.onFailure()), FRAME_INTERVAL_MS);
  };
  wait();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
