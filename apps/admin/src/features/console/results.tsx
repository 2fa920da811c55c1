import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { JsonViewer } from "@bitfleet/ui/json/json-viewer.tsx";
import { Button, Loader } from "@mantine/core";
import { type ReactElement, useSyncExternalStore } from "react";
import classes from "./console.module.css";
import { type ConsoleEntry, clearEntries, type Outcome, shownEntries, watchEntries } from "./results-store.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.results;

/** What was called in this tab and what it answered, the newest first. */
export function Results({ onLine }: { readonly onLine: (line: string) => void }): ReactElement {
  const entries = useSyncExternalStore(watchEntries, shownEntries);
  return (
    <section className={classes.results} aria-label={texts.title}>
      <header>
        <h2>{texts.title}</h2>
        {entries.length > 0 && (
          <Button size="xs" variant="default" onClick={clearEntries}>
            {texts.clear}
          </Button>
        )}
      </header>
      {entries.length === 0 && <p className={classes.note}>{texts.none}</p>}
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} onLine={onLine} />
      ))}
    </section>
  );
}

function Entry({
  entry: { line, outcome },
  onLine,
}: {
  readonly entry: ConsoleEntry;
  readonly onLine: (line: string) => void;
}) {
  const isWhole = !line.endsWith(texts.hidden);
  return (
    <Card>
      <div className={classes.entryHead}>
        <button type="button" disabled={!isWhole} title={texts.again} onClick={() => onLine(line)}>
          {line}
        </button>
        {outcome.kind === "result" && <small>{texts.took(formatCount(Math.ceil(outcome.milliseconds)))}</small>}
      </div>
      <div role={outcome.kind === "error" ? "alert" : "status"}>
        <Answer line={line} outcome={outcome} />
      </div>
    </Card>
  );
}

function Answer({ line, outcome }: { readonly line: string; readonly outcome: Outcome }): ReactElement {
  switch (outcome.kind) {
    case "running":
      return <Loader size={18} aria-label={texts.running} />;
    case "error":
      return (
        <div className={classes.error}>
          <pre>{outcome.message}</pre>
          {outcome.code !== undefined && <small>{texts.code(outcome.code)}</small>}
        </div>
      );
    case "result":
      // Help and the like is text of many lines.
      return typeof outcome.value === "string" && outcome.value.includes("\n") ? (
        <pre className={classes.text}>{outcome.value}</pre>
      ) : (
        <JsonViewer value={outcome.value} label={texts.of(line)} />
      );
  }
}
