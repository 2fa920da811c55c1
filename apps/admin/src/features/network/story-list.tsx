import { Card } from "@bitfleet/ui/card.tsx";
import { formatClock, formatCount, formatDateTime } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import classes from "./network.module.css";
import type { SeenEvent, Story } from "./story.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.story;

/** What happened to the network while the page looked, newest first; read aloud as it comes. */
export function StoryList({ story }: { readonly story: Story }): ReactElement {
  return (
    <Card title={texts.title} aside={<span className={classes.note}>{texts.about}</span>}>
      <div className={classes.storyPlace} role="log" aria-label={texts.title} data-testid="story">
        <ol className={classes.story}>
          {story.events.length === 0 && <li className={classes.muted}>{texts.none}</li>}
          {story.events.map((event) => (
            <li key={event.id} data-tone={toneOf(event)}>
              <time dateTime={new Date(event.at * 1000).toISOString()} title={formatDateTime(event.at)}>
                {formatClock(event.at, true)}
              </time>
              <span className={classes.event}>{textOf(event)}</span>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
}

function textOf(event: SeenEvent): string {
  switch (event.kind) {
    case "parted":
      return texts.parted(event.groups, event.height === undefined ? undefined : formatCount(event.height));
    case "healing":
      return texts.healing;
    case "met":
      return texts.met(formatCount(event.height), event.leftCount);
    case "reorg":
      return texts.reorg(formatCount(event.height), event.leftCount);
    case "node":
      return event.isUp ? texts.up(event.name) : texts.down(event.name);
  }
}

function toneOf(event: SeenEvent): "good" | "warn" | "bad" | "plain" {
  if (event.kind === "met" || (event.kind === "node" && event.isUp)) return "good";
  if (event.kind === "node") return "bad";
  return event.kind === "healing" ? "plain" : "warn";
}
