/** Bodies of answers that are read as far as a limit and no further. */

/** An answer was longer than its reader takes. */
export class AnswerTooLong extends Error {
  override readonly name = "AnswerTooLong";
  readonly bytesMax: number;

  constructor(bytesMax: number) {
    super(`The server's answer is longer than ${bytesMax.toLocaleString("en")} bytes, so that it was not read.`);
    this.bytesMax = bytesMax;
  }
}

/**
 * The text of an answer. Counted are the bytes behind decompression, as they come: what inflates without end is given up at the limit, and the
 * connection with it. Rejects with {@link AnswerTooLong}, or with whatever breaks the reading, the signal of the request included.
 */
export async function textWithin({ body }: Pick<Response, "body">, bytesMax: number): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > bytesMax) {
      // Not waited for: it is nobody's business how the other side takes it.
      reader.cancel().catch(() => {});
      throw new AnswerTooLong(bytesMax);
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
}
