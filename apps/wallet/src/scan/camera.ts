/** A camera that is on. Its light goes out when the signal that it was opened with is aborted, and with that alone. */
export interface Camera {
  readonly stream: MediaStream;
  readonly deviceId: string | undefined;
  /** It looks at its user, who wants to see a mirror. */
  readonly isFront: boolean;
  /** All that there are, once one may be used: `label` is empty where the browser tells no names. */
  readonly all: readonly { readonly deviceId: string; readonly label: string }[];
  /** Turns its light on and off; absent where it has none. */
  readonly setTorch: ((isOn: boolean) => Promise<void>) | undefined;
}

/** Why there is no picture of a camera. */
export type CameraProblem = "insecure" | "unsupported" | "refused" | "none" | "busy" | "gone";

interface CameraWish {
  /** One that was chosen; the one at the back of a phone otherwise. */
  readonly deviceId: string | undefined;
  readonly signal: AbortSignal;
  /** The camera ended by itself: it was unplugged, or its permission was taken back. */
  readonly onGone: () => void;
}

/** What of the browser is used. */
export interface CameraPlace {
  readonly isSecureContext: boolean;
  readonly mediaDevices: Pick<MediaDevices, "getUserMedia" | "enumerateDevices"> | undefined;
}

/** As much as dense codes need. */
const WIDTH = 1_920;
const HEIGHT = 1_080;

/** Turns a camera on, which may ask the user, or says why there is none. A signal that is aborted meanwhile turns it off as soon as it is on. */
export async function openCamera(
  { isSecureContext, mediaDevices }: CameraPlace,
  { deviceId, signal, onGone }: CameraWish,
): Promise<Camera | { readonly problem: CameraProblem }> {
  // Browsers take it away from pages that came by plain HTTP; some have none, or leave it out.
  if (mediaDevices?.getUserMedia === undefined) return { problem: isSecureContext ? "unsupported" : "insecure" };
  const which = deviceId === undefined ? { facingMode: { ideal: "environment" } } : { deviceId: { exact: deviceId } };
  let stream: MediaStream;
  try {
    stream = await mediaDevices.getUserMedia({
      audio: false,
      video: { ...which, width: { ideal: WIDTH }, height: { ideal: HEIGHT } },
    });
  } catch (error) {
    return { problem: problemOf(error) };
  }
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop);
  const [track] = stream.getVideoTracks();
  if (track === undefined) return { problem: "none" };
  // Not told where it was stopped here.
  track.addEventListener("ended", onGone);
  const settings = track.getSettings();
  return {
    stream,
    deviceId: settings.deviceId,
    isFront: settings.facingMode !== "environment",
    all: await camerasOf(mediaDevices),
    setTorch: hasTorch(track) ? (isOn) => track.applyConstraints({ advanced: [{ torch: isOn } as object] }) : undefined,
  };
}

async function camerasOf(devices: Pick<MediaDevices, "enumerateDevices">): Promise<Camera["all"]> {
  try {
    return (await devices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  } catch {
    // One is on: there is nothing to choose, and no more.
    return [];
  }
}

/** Of a camera that was opened; browsers without the question have no light. */
function hasTorch(track: MediaStreamTrack): boolean {
  const capabilities: object = track.getCapabilities?.() ?? {};
  // A list of what it may be, or whether it may be lit.
  return "torch" in capabilities && [capabilities.torch].flat().includes(true);
}

/** By the names of Media Capture and Streams. In some browsers not all of them are of what is an `Error`. */
function problemOf(error: unknown): CameraProblem {
  const { name } = Object(error) as { readonly name?: unknown };
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "none";
    case "NotSupportedError":
      return "unsupported";
    default:
      return "busy";
  }
}
