import { type Decoder, DecoderStuck } from "./decoder.ts";
import { framePixels } from "./pixels.ts";
import type { CodeContent } from "./read-code.ts";
import type { Pixels } from "./views.ts";

/** Between two looks: a hand that holds a code holds it for longer. */
const FRAME_INTERVAL_MS = 160;

interface FrameReading {
  readonly onContent: (content: CodeContent) => void;
  /** The worker cannot work: no more is looked at; or it was stuck, and the next frame is shown to another one. */
  readonly onFailure: (error: unknown) => void;
  readonly frame?: () => Pixels | undefined;
}

/** Looks at a video again and again, one frame at a time, until the answer is called. */
export function readFrames(video: HTMLVideoElement, decoder: Decoder, reading: FrameReading): () => void {
  const { frame = frameOf(video) } = reading;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    const pixels = frame();
    const content = pixels && (await decoder.decode(pixels, "frame"));
    if (isOver) return;
    if (content !== undefined) reading.onContent(content);
    wait();
  };
  const wait = () => {
    timer = setTimeout(() => void look().catch(fail), FRAME_INTERVAL_MS);
  };
  const fail = (error: unknown) => {
    if (isOver) return;
    reading.onFailure(error);
    if (error instanceof DecoderStuck) wait();
  };
  wait();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

function frameOf(video: HTMLVideoElement): () => Pixels | undefined {
  const canvas = document.createElement("canvas");
  return () => framePixels(video, canvas);
}
