import { Badge, type Tone } from "@bitfleet/ui/badge.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import {
  AlertIcon,
  CheckIcon,
  ClockIcon,
  CloseIcon,
  HourglassIcon,
  RewindIcon,
  TransferIcon,
  UnpluggedIcon,
} from "@bitfleet/ui/icons.tsx";
import type { ReactElement } from "react";
import type { HistoryEntry } from "../session/account.ts";
import { blocksToMaturity } from "./standing.ts";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.standing;

type Facts = Pick<HistoryEntry, "standing" | "isTaken" | "confirmations" | "direction">;

interface Look {
  readonly tone: Tone;
  readonly icon: ReactElement;
  readonly word: string;
  /** A sentence or two: what it means. */
  readonly why: string;
}

/** How far a transaction has come: a word, an icon, and what it means. */
export function standingLook(entry: Facts): Look {
  const { standing, confirmations } = entry;
  if (standing === "confirmed") {
    const left = blocksToMaturity(entry);
    if (left > 0) {
      const { word, why } = texts.immature;
      return { tone: "plain", icon: <HourglassIcon size={13} />, word, why: why(formatCount(left), left) };
    }
    const word = texts.confirmed.word(formatCount(confirmations), confirmations);
    return { tone: "good", icon: <CheckIcon />, word, why: texts.confirmed.why };
  }
  const name = entry.isTaken ? "taken" : standing;
  return { ...LOOKS[name], ...texts[name] };
}

const LOOKS = {
  taken: { tone: "warn", icon: <ClockIcon size={13} /> },
  pending: { tone: "warn", icon: <ClockIcon size={13} /> },
  doubted: { tone: "bad", icon: <AlertIcon size={13} /> },
  replaced: { tone: "plain", icon: <TransferIcon size={13} /> },
  reorged: { tone: "bad", icon: <RewindIcon size={13} /> },
  unsent: { tone: "bad", icon: <UnpluggedIcon size={13} /> },
  dropped: { tone: "bad", icon: <AlertIcon size={13} /> },
  abandoned: { tone: "plain", icon: <CloseIcon size={13} /> },
} as const;

/** How far a transaction has come, in a word or two; what it means shows on hover. */
export function StandingBadge({ entry }: { readonly entry: Facts }): ReactElement {
  const { tone, icon, word, why } = standingLook(entry);
  return (
    <Badge tone={tone} icon={icon} hint={why}>
      {word}
    </Badge>
  );
}
