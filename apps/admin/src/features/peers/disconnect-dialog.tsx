import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import classes from "./peers.module.css";
import { usePeerActions } from "./queries.ts";
import { texts } from "./texts.ts";

interface DisconnectDialogProps {
  /** The one to cut off; absent while nothing is asked. */
  readonly peer: PeerView | undefined;
  readonly nameOf: (peer: PeerView) => string;
  readonly onClose: () => void;
}

/** Asks before a connection is cut, and whether for good where this node would connect again. */
export function DisconnectDialog({ peer, nameOf, onClose }: DisconnectDialogProps): ReactElement {
  const name = peer === undefined ? "" : nameOf(peer);
  return (
    <Dialog isOpen={peer !== undefined} onClose={onClose} title={texts.disconnect.title(name)} size="small" isModalOnly>
      {peer !== undefined && <DisconnectForm peer={peer} name={name} onClose={onClose} />}
    </Dialog>
  );
}

function DisconnectForm({
  peer,
  name,
  onClose,
}: {
  readonly peer: PeerView;
  readonly name: string;
  readonly onClose: () => void;
}): ReactElement {
  const [isForgotten, setIsForgotten] = useState(false);
  const { disconnect } = usePeerActions();
  const isKept = peer.connection_type === "manual";
  const submit = () =>
    disconnect.mutate(
      { peer, isForgotten },
      {
        onSuccess: () => {
          toast.good(texts.disconnect.done(name));
          onClose();
        },
        onError: (error) => toast.failure(texts.disconnect.failed(name), error),
      },
    );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p>{isKept ? texts.disconnect.kept : texts.disconnect.text}</p>
      {isKept && (
        <label className={classes.check}>
          <input type="checkbox" checked={isForgotten} onChange={(event) => setIsForgotten(event.target.checked)} />
          <span>
            {texts.disconnect.forget}
            <small>{texts.disconnect.forgetHint}</small>
          </span>
        </label>
      )}
      <DialogButtons>
        <Button variant="default" onClick={onClose} data-autofocus>
          {texts.cancel}
        </Button>
        <Button type="submit" className={classes.danger ?? ""} loading={disconnect.isPending} data-testid="confirm">
          {texts.disconnect.action}
        </Button>
      </DialogButtons>
    </form>
  );
}
