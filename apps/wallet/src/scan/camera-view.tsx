import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type ReactElement, useEffect, useEffectEvent, useRef, useState } from "react";
import { Notice } from "../notice.tsx";
import type { Camera, CameraProblem } from "./camera.ts";
import type { Decoder } from "./decoder.ts";
import type { CodeContent } from "./read-code.ts";
import { readFrames } from "./read-frames.ts";
import classes from "./scan.module.css";
import { texts as allTexts } from "./texts.ts";
import { useCamera } from "./use-camera.ts";

const texts = allTexts.camera;

interface CameraViewProps {
  readonly decoder: Decoder;
  readonly onContent: (content: CodeContent) => void;
  readonly onFailure: (error: unknown) => void;
}

/** What the camera sees, read again and again; or why it sees nothing. */
export function CameraView({ decoder, onContent, onFailure }: CameraViewProps): ReactElement {
  const [state, choose] = useCamera();
  if (state.kind === "off") {
    const canTryAgain = state.problem === "refused" || state.problem === "busy" || state.problem === "gone";
    return (
      <Notice
        tone="warn"
        role="status"
        actions={
          canTryAgain && (
            <Button size="xs" variant="default" onClick={() => choose()}>
              {texts.again}
            </Button>
          )
        }
      >
        {problemText(state.problem)}
      </Notice>
    );
  }
  return (
    <div className={classes.camera}>
      <div className={classes.view}>
        {state.kind === "on" && <Video camera={state.camera} {...{ decoder, onContent, onFailure }} />}
      </div>
      <p className={formClasses.note} role="status">
        {texts[state.kind]}
      </p>
      {state.kind === "on" && <CameraChoice camera={state.camera} onChoose={choose} />}
    </div>
  );
}

function problemText(problem: CameraProblem): string {
  return problem === "unsupported" && desktopSession() !== undefined ? texts.ofWindow : texts[problem];
}

function Video({ camera, decoder, ...reading }: CameraViewProps & { readonly camera: Camera }): ReactElement {
  const video = useRef<HTMLVideoElement>(null);
  const onContent = useEffectEvent((content: CodeContent) => reading.onContent(content));
  const onFailure = useEffectEvent((error: unknown) => reading.onFailure(error));
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = camera.stream;
    // Refused where it is taken away again before it begins.
    element.play().catch(() => {});
    const end = readFrames(element, decoder, {
      onContent: (one) => onContent(one),
      onFailure: (error) => onFailure(error),
    });
    return () => {
      end();
      element.srcObject = null;
    };
  }, [camera, decoder]);
  return <video ref={video} data-mirrored={camera.isFront} aria-label={texts.view} muted playsInline />;
}

interface CameraChoiceProps {
  readonly camera: Camera;
  readonly onChoose: (deviceId: string) => void;
}

function CameraChoice({ camera, onChoose }: CameraChoiceProps): ReactElement | null {
  const { all, deviceId, setTorch } = camera;
  const [isLit, setIsLit] = useState(false);
  if (all.length < 2 && setTorch === undefined) return null;
  return (
    <div className={classes.choice}>
      {all.length > 1 && (
        <label className={formClasses.select}>
          {texts.choose}
          <select value={deviceId} onChange={(event) => onChoose(event.target.value)}>
            {all.map((one, index) => (
              <option key={one.deviceId} value={one.deviceId}>
                {one.label || texts.unnamed(index + 1)}
              </option>
            ))}
          </select>
        </label>
      )}
      {setTorch !== undefined && (
        <Button
          variant="default"
          aria-pressed={isLit}
          onClick={() =>
            void setTorch(!isLit).then(
              () => setIsLit(!isLit),
              () => setIsLit(false),
            )
          }
        >
          {texts.torch}
        </Button>
      )}
    </div>
  );
}
