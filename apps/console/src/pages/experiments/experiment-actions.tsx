import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useExperimentActions, type Experiment, type Results } from "./queries.ts";
import { words } from "./strings.ts";

interface Props {
  experiment: Experiment;
  results: Results | undefined;
}

/** What may be done with an experiment as it stands. */
export function ExperimentActions({ experiment, results }: Props) {
  const { setStatus, promote } = useExperimentActions();
  const { status, id } = experiment;
  const isRed = results?.health.status === "red";
  return (
    <>
      {(status === "draft" || status === "stopped") && (
        <ConfirmDialog
          trigger={words.start.name}
          title={words.start.title}
          confirm={words.start.name}
          onConfirm={() => setStatus(id, "running")}
        >
          <p>{words.start.text}</p>
        </ConfirmDialog>
      )}
      {status === "running" && (
        <ConfirmDialog
          trigger={words.stop.name}
          title={words.stop.title}
          confirm={words.stop.name}
          isDanger
          onConfirm={() => setStatus(id, "stopped")}
        >
          <p>{words.stop.text}</p>
        </ConfirmDialog>
      )}
      {(status === "running" || status === "stopped") &&
        experiment.variations
          .filter(({ index }) => index > 0)
          .map(({ index, name, ranking }) => (
            <ConfirmDialog
              key={index}
              trigger={words.promote.name(name)}
              title={words.promote.title(name)}
              confirm={words.promote.name(name)}
              onConfirm={() => promote(id, index)}
            >
              <div className="stack">
                {isRed && <Notice tone="bad">{words.promote.withheld}</Notice>}
                <p>{ranking === undefined ? words.promote.noRanking : words.promote.text}</p>
              </div>
            </ConfirmDialog>
          ))}
      {status !== "archived" && status !== "running" && (
        <ConfirmDialog
          trigger={words.archive.name}
          title={words.archive.title}
          confirm={words.archive.name}
          isDanger
          onConfirm={() => setStatus(id, "archived")}
        >
          <p>{words.archive.text}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
