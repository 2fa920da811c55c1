import { useEffect, useState, useSyncExternalStore } from "react";
import { type Camera, type CameraProblem, openCamera } from "./camera.ts";

export type CameraState =
  | { readonly kind: "asking" }
  | { readonly kind: "on"; readonly camera: Camera }
  /** Nobody sees the page. */
  | { readonly kind: "paused" }
  | { readonly kind: "off"; readonly problem: CameraProblem };

/** Chosen before, as long as the page lives. */
let lastDeviceId: string | undefined;

/** The camera, on as long as the page is seen and this is drawn; and how another one is chosen, or the same once more. */
export function useCamera(): readonly [state: CameraState, choose: (deviceId?: string) => void] {
  const isSeen = useSyncExternalStore(watchSight, () => document.visibilityState === "visible");
  const [wish, setWish] = useState(() => ({ deviceId: lastDeviceId }));
  const [state, setState] = useState<CameraState>({ kind: "asking" });
  useEffect(() => {
    if (!isSeen) return;
    const ending = new AbortController();
    const { signal } = ending;
    const end = () => ending.abort();
    const endWhereHidden = () => document.visibilityState === "hidden" && end();
    setState({ kind: "asking" });
    const onGone = () => !signal.aborted && setState({ kind: "off", problem: "gone" });
    void openCamera(
      { isSecureContext, mediaDevices: navigator.mediaDevices },
      { deviceId: wish.deviceId, signal, onGone },
    ).then((opened) => {
      if (signal.aborted) return;
      // One that was chosen before is there no more; or gives nothing, and the next try is with the usual one: there is no choice while none is on.
      if ("problem" in opened && wish.deviceId !== undefined) {
        lastDeviceId = undefined;
        if (opened.problem === "none") return setWish({ deviceId: undefined });
      }
      setState("problem" in opened ? { kind: "off", problem: opened.problem } : { kind: "on", camera: opened });
    });
    // At once, and not with the next time that something is drawn.
    document.addEventListener("visibilitychange", endWhereHidden);
    addEventListener("pagehide", end);
    return () => {
      document.removeEventListener("visibilitychange", endWhereHidden);
      removeEventListener("pagehide", end);
      end();
    };
  }, [wish, isSeen]);
  const choose = (deviceId = lastDeviceId) => {
    lastDeviceId = deviceId;
    setWish({ deviceId });
  };
  return [isSeen ? state : { kind: "paused" }, choose];
}

function watchSight(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
