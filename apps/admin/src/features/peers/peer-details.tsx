import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { Bytes } from "@bitfleet/ui/bytes.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { formatCount, formatDuration } from "@bitfleet/ui/format.ts";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import { Button } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import classes from "./peers.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.details;

interface PeerDetailsProps {
  /** Number of the connection; absent while nothing is open. */
  readonly id: number | undefined;
  readonly peers: readonly PeerView[] | undefined;
  readonly nameOf: (peer: PeerView) => string;
  readonly onClose: () => void;
  readonly onDisconnect: (peer: PeerView) => void;
  readonly onBan: (peer: PeerView) => void;
}

/** All that is known of one peer, in a drawer that goes on by itself. */
export function PeerDetails({ id, peers, nameOf, onClose, onDisconnect, onBan }: PeerDetailsProps): ReactElement {
  const peer = peers?.find((one) => one.id === id);
  const title = peer === undefined ? allTexts.unknownAddress(id ?? 0) : nameOf(peer);
  return (
    <Dialog isOpen={id !== undefined} onClose={onClose} title={title} side="right">
      {peer !== undefined ? (
        <>
          <Facts peer={peer} />
          <DialogButtons>
            <Button variant="default" onClick={() => onBan(peer)}>
              {allTexts.ban.action}
            </Button>
            <Button className={classes.danger ?? ""} onClick={() => onDisconnect(peer)}>
              {allTexts.disconnect.action}
            </Button>
          </DialogButtons>
        </>
      ) : peers === undefined ? (
        <LoadingRows count={8} height={30} label={allTexts.unknownAddress(id ?? 0)} />
      ) : (
        <p>{texts.gone}</p>
      )}
    </Dialog>
  );
}

function Facts({ peer }: { readonly peer: PeerView }): ReactElement {
  const transports: Readonly<Record<string, string>> = { v1: texts.v1, v2: texts.v2 };
  return (
    <dl className={classes.details}>
      <Fact name={texts.id}>{peer.id}</Fact>
      <Fact name={texts.address}>
        {peer.address === null ? (
          allTexts.hidden
        ) : (
          <span className={classes.range}>
            {peer.address} <CopyButton text={peer.address} label={texts.address} />
          </span>
        )}
      </Fact>
      <Fact name={texts.direction}>{allTexts.directionLong[peer.direction]}</Fact>
      <Fact name={texts.type}>{peer.connection_type}</Fact>
      <Fact name={texts.network}>{peer.network}</Fact>
      <Fact name={texts.transport}>{transports[peer.transport] ?? texts.detecting}</Fact>
      <Fact name={texts.agent}>{peer.user_agent || allTexts.notYet}</Fact>
      <Fact name={texts.protocol}>{peer.protocol_version || allTexts.notYet}</Fact>
      <Fact name={texts.services}>{peer.services.join(", ") || "–"}</Fact>
      <Fact name={texts.relay}>{peer.relays_transactions ? texts.yes : texts.no}</Fact>
      <Fact name={texts.since}>{formatDuration(peer.connected_seconds)}</Fact>
      <Fact name={texts.sent}>
        <Bytes bytes={peer.bytes_sent} />
      </Fact>
      <Fact name={texts.received}>
        <Bytes bytes={peer.bytes_received} />
      </Fact>
      <Fact name={texts.ping}>{msText(peer.ping_ms)}</Fact>
      <Fact name={texts.leastPing}>{msText(peer.min_ping_ms)}</Fact>
      <Fact name={texts.headers}>{heightText(peer.synced_headers)}</Fact>
      <Fact name={texts.blocks}>{heightText(peer.synced_blocks)}</Fact>
      <Fact name={texts.clock}>{clockText(peer.time_offset_seconds)}</Fact>
      <Fact name={texts.permissions}>{peer.permissions.join(", ") || texts.noPermissions}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const msText = (ms: number | null) => (ms === null ? "–" : `${ms.toFixed(ms < 10 ? 2 : 0)} ms`);
const heightText = (height: number) => (height < 0 ? texts.unknownHeight : formatCount(height));

function clockText(seconds: number): string {
  if (seconds === 0) return texts.same;
  const length = formatDuration(Math.abs(seconds));
  return seconds > 0 ? texts.ahead(length) : texts.behind(length);
}
