import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { formatBytes } from "@bitfleet/ui/format.ts";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactElement, useState } from "react";
import classes from "./peer-graph.module.css";
import { assignSlots, placeOfSlot } from "./peer-slots.ts";
import { texts } from "./texts.ts";

interface PeerGraphProps {
  readonly peers: readonly PeerView[];
  /** What a peer is called. */
  readonly nameOf: (peer: PeerView) => string;
  readonly openId: number | undefined;
  readonly onOpen: (id: number) => void;
}

/** Measures of the picture, in its own units. */
interface Frame {
  readonly width: number;
  readonly height: number;
  /** Of the first ring, and what each further one has more. */
  readonly radius: { readonly x: number; readonly y: number };
  readonly step: { readonly x: number; readonly y: number };
  /** So many peers have their names beside them. */
  readonly namesMax: number;
  readonly nameLength: number;
  readonly dotRadius: number;
}

const WIDE: Frame = {
  width: 900,
  height: 260,
  radius: { x: 225, y: 96 },
  step: { x: 62, y: 10 },
  namesMax: 16,
  nameLength: 22,
  dotRadius: 11,
};
/** For so many that a side has several rings. */
const WIDE_CROWDED: Frame = {
  ...WIDE,
  height: 340,
  radius: { x: 170, y: 84 },
  step: { x: 90, y: 34 },
  namesMax: 0,
  dotRadius: 8.5,
};
const NARROW: Frame = {
  width: 360,
  height: 260,
  radius: { x: 108, y: 92 },
  step: { x: 20, y: 9 },
  namesMax: 8,
  nameLength: 12,
  dotRadius: 11,
};
const NARROW_CROWDED: Frame = {
  ...NARROW,
  height: 340,
  radius: { x: 76, y: 84 },
  step: { x: 42, y: 34 },
  namesMax: 0,
  dotRadius: 7,
};
/** Half of what a side's arc spans. */
const ARC = (78 * Math.PI) / 180;
const CENTRE_RADIUS = 27;

/** This node and whom it talks to: at the left who called it, at the right whom it called. A picture of what the table below says. */
export function PeerGraph({ peers, nameOf, openId, onOpen }: PeerGraphProps): ReactElement {
  const isNarrow = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const [slots, setSlots] = useState(() => assignSlots(new Map(), peers));
  const next = assignSlots(slots, peers);
  if (next !== slots) setSlots(next);
  const isCrowded = [...next.values()].some((slot) => placeOfSlot(slot).ring > 0);
  const frame = isCrowded ? (isNarrow ? NARROW_CROWDED : WIDE_CROWDED) : isNarrow ? NARROW : WIDE;
  const hasNames = peers.length <= frame.namesMax;
  const x = frame.width / 2;
  const y = frame.height / 2;
  return (
    <figure className={classes.figure}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand for a picture */}
      <svg
        className={classes.graph}
        viewBox={`0 0 ${frame.width} ${frame.height}`}
        role="group"
        aria-label={texts.graph(peers.length)}
        data-testid="peer-graph"
      >
        {peers.map((peer) => {
          const at = pointOf(peer, next, frame);
          return (
            <line
              key={peer.id}
              className={classes.link}
              data-transport={peer.transport}
              data-direction={peer.direction}
              x1={x}
              y1={y}
              x2={at.x}
              y2={at.y}
              strokeWidth={widthOf(peer)}
            />
          );
        })}
        <polygon className={classes.self} points={hexagon(x, y, CENTRE_RADIUS)} />
        <text className={classes.selfName} x={x} y={y + CENTRE_RADIUS + 17}>
          {texts.self}
        </text>
        {peers.map((peer) => (
          <Dot
            key={peer.id}
            peer={peer}
            at={pointOf(peer, next, frame)}
            radius={frame.dotRadius}
            name={nameOf(peer)}
            shownName={hasNames ? shortened(nameOf(peer), frame.nameLength) : undefined}
            isOpen={peer.id === openId}
            onOpen={() => onOpen(peer.id)}
          />
        ))}
      </svg>
      <figcaption className={classes.legend}>
        <span data-mark="inbound">{texts.legend.inbound}</span>
        <span data-mark="outbound">{texts.legend.outbound}</span>
        <span data-mark="v2">{texts.legend.v2}</span>
        <span data-mark="v1">{texts.legend.v1}</span>
        <span>{texts.legend.traffic}</span>
      </figcaption>
    </figure>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function Dot({
  peer,
  at,
  radius,
  name,
  shownName,
  isOpen,
  onOpen,
}: {
  readonly peer: PeerView;
  readonly at: Point;
  readonly radius: number;
  readonly name: string;
  readonly shownName: string | undefined;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}): ReactElement {
  const traffic = `${formatBytes(peer.bytes_sent)} / ${formatBytes(peer.bytes_received)}`;
  const label = `${name}, ${texts.directionLong[peer.direction]}, ${peer.transport}, ${traffic}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in a picture
    <g
      className={classes.peer}
      role="button"
      tabIndex={0}
      aria-label={label}
      data-peer={peer.id}
      data-direction={peer.direction}
      data-open={isOpen}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onOpen();
      }}
    >
      <title>{label}</title>
      <circle className={classes.touch} cx={at.x} cy={at.y} r={radius * 2} />
      <circle className={classes.dot} cx={at.x} cy={at.y} r={radius} />
      {shownName !== undefined && (
        <text x={at.x} y={at.y + radius + 15}>
          {shownName}
        </text>
      )}
    </g>
  );
}

function pointOf(peer: PeerView, slots: ReadonlyMap<number, number>, { width, height, radius, step }: Frame): Point {
  const { ring, share } = placeOfSlot(slots.get(peer.id) ?? 0);
  const angle = (share * 2 - 1) * ARC;
  const side = peer.direction === "inbound" ? -1 : 1;
  return {
    x: width / 2 + side * Math.cos(angle) * (radius.x + ring * step.x),
    y: height / 2 + Math.sin(angle) * (radius.y + ring * step.y),
  };
}

/** From hairline to rope: the order of magnitude of the traffic. */
function widthOf({ bytes_sent: sent, bytes_received: received }: PeerView): number {
  return 1 + Math.min(4, Math.max(0, Math.log10(sent + received + 1) - 3) * 0.9);
}

function hexagon(x: number, y: number, radius: number): string {
  return Array.from({ length: 6 }, (_, corner) => (corner / 6) * 2 * Math.PI + Math.PI / 2)
    .map((angle) => `${x + radius * Math.cos(angle)},${y + radius * Math.sin(angle)}`)
    .join(" ");
}

const shortened = (name: string, length: number) => (name.length <= length ? name : `${name.slice(0, length - 1)}…`);
