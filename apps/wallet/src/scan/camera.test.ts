import { describe, expect, test } from "vitest";
import { type CameraPlace, openCamera } from "./camera.ts";

/** A track of a browser, as far as it is used. */
class Track extends EventTarget {
  isLive = true;
  readonly applied: unknown[] = [];
  readonly #settings: object;
  readonly #capabilities: object;

  constructor(settings: object = {}, capabilities: object = {}) {
    super();
    this.#settings = settings;
    this.#capabilities = capabilities;
  }

  stop(): void {
    this.isLive = false;
  }

  getSettings(): object {
    return this.#settings;
  }

  getCapabilities(): object {
    return this.#capabilities;
  }

  async applyConstraints(constraints: unknown): Promise<void> {
    this.applied.push(constraints);
  }
}

const streamOf = (track: Track) =>
  ({ getTracks: () => [track], getVideoTracks: () => [track] }) as unknown as MediaStream;

function placeOf(
  track: Track,
  open: (asked: MediaStreamConstraints) => Promise<MediaStream> = async () => streamOf(track),
) {
  const asked: MediaStreamConstraints[] = [];
  const place: CameraPlace = {
    isSecureContext: true,
    mediaDevices: {
      getUserMedia: (constraints = {}) => {
        asked.push(constraints);
        return open(constraints);
      },
      enumerateDevices: async () =>
        [
          { kind: "audioinput", deviceId: "m", label: "Microphone" },
          { kind: "videoinput", deviceId: "a", label: "Front" },
          { kind: "videoinput", deviceId: "b", label: "Back" },
        ] as MediaDeviceInfo[],
    },
  };
  return { place, asked };
}

const wish = (signal: AbortSignal, deviceId?: string, onGone = () => {}) => ({ deviceId, signal, onGone });

describe("a camera", () => {
  test("is the one at the back where none is chosen, without sound, and goes out with the signal", async () => {
    const track = new Track({ deviceId: "b", facingMode: "environment" });
    const { place, asked } = placeOf(track);
    const ending = new AbortController();
    const camera = await openCamera(place, wish(ending.signal));
    expect(asked).toMatchObject([{ audio: false, video: { facingMode: { ideal: "environment" } } }]);
    expect(camera).toMatchObject({ deviceId: "b", isFront: false, setTorch: undefined });
    expect("all" in camera && camera.all.map(({ label }) => label)).toEqual(["Front", "Back"]);
    expect(track.isLive).toBe(true);
    ending.abort();
    expect(track.isLive).toBe(false);
  });

  test("that was chosen is that one and no other", async () => {
    const { place, asked } = placeOf(new Track({ deviceId: "a" }));
    expect(await openCamera(place, wish(new AbortController().signal, "a"))).toMatchObject({ isFront: true });
    expect(asked).toMatchObject([{ video: { deviceId: { exact: "a" } } }]);
    expect(asked[0]!.video).not.toHaveProperty("facingMode");
  });

  test("that comes on when nobody wants it any more goes out at once", async () => {
    const track = new Track();
    let comeOn: (stream: MediaStream) => void = () => {};
    const { place } = placeOf(track, () => new Promise((resolve) => (comeOn = resolve)));
    const ending = new AbortController();
    const opening = openCamera(place, wish(ending.signal));
    ending.abort();
    comeOn(streamOf(track));
    await opening;
    expect(track.isLive).toBe(false);
  });

  test("tells when it is gone", async () => {
    const track = new Track();
    let goneCount = 0;
    await openCamera(
      placeOf(track).place,
      wish(new AbortController().signal, undefined, () => goneCount++),
    );
    track.dispatchEvent(new Event("ended"));
    expect(goneCount).toBe(1);
  });

  test.each([[true], [[false, true]]])("has its light turned on and off, where it says %j of it", async (torch) => {
    const track = new Track({}, { torch });
    const camera = await openCamera(placeOf(track).place, wish(new AbortController().signal));
    if ("problem" in camera) throw new Error(camera.problem);
    await camera.setTorch?.(true);
    await camera.setTorch?.(false);
    expect(track.applied).toEqual([{ advanced: [{ torch: true }] }, { advanced: [{ torch: false }] }]);
  });

  test.each([[false], [[false]]])("has no light where it says %j of it", async (torch) => {
    const camera = await openCamera(placeOf(new Track({}, { torch })).place, wish(new AbortController().signal));
    expect(camera).toHaveProperty("setTorch", undefined);
  });
});

describe("there is none", () => {
  test.each([
    ["NotAllowedError", "refused"],
    ["SecurityError", "refused"],
    ["NotFoundError", "none"],
    ["OverconstrainedError", "none"],
    ["NotSupportedError", "unsupported"],
    ["NotReadableError", "busy"],
    ["AbortError", "busy"],
  ])("where the browser says %s: %s", async (name, problem) => {
    const { place } = placeOf(new Track(), () => Promise.reject(new DOMException("", name)));
    expect(await openCamera(place, wish(new AbortController().signal))).toEqual({ problem });
  });

  test("where what the browser says is no error of the language", async () => {
    const { place } = placeOf(new Track(), () =>
      Promise.reject({ name: "OverconstrainedError", constraint: "deviceId" }),
    );
    expect(await openCamera(place, wish(new AbortController().signal, "a"))).toEqual({ problem: "none" });
    const nothing = placeOf(new Track(), () => Promise.reject(undefined));
    expect(await openCamera(nothing.place, wish(new AbortController().signal))).toEqual({ problem: "busy" });
  });

  test("where the browser has no means for it, and why", async () => {
    const { signal } = new AbortController();
    const place = { mediaDevices: undefined };
    expect(await openCamera({ ...place, isSecureContext: false }, wish(signal))).toEqual({ problem: "insecure" });
    expect(await openCamera({ ...place, isSecureContext: true }, wish(signal))).toEqual({ problem: "unsupported" });
  });
});
