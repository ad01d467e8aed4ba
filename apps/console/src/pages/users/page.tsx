import { useState, type FormEvent } from "react";

import { Button } from "../../ui/button.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { useGoTo, usePageId } from "../../ui/use-page-id.ts";
import { Beliefs } from "./beliefs.tsx";
import { ErasePerson } from "./erase-person.tsx";
import { LiveList } from "./live-list.tsx";
import { PersonaPreview } from "./persona-preview.tsx";
import { ThenAndNow } from "./then-and-now.tsx";
import { words } from "./strings.ts";
import { Timeline } from "./timeline.tsx";

/** One person: what they did, what is believed of them, and what they would be shown. */
export function Page() {
  const userId = usePageId();
  return (
    <Frame title={words.title} question={words.question} actions={<Search key={userId} />}>
      {userId === undefined ? (
        <EmptyState title={words.pickTitle} text={words.pickText} command={someEvent()} />
      ) : (
        <Person userId={userId} />
      )}
      <PersonaPreview />
    </Frame>
  );
}

function Person({ userId }: { userId: string }) {
  return (
    <>
      <div className="row spread">
        <h2>
          <code>{userId}</code>
        </h2>
        <ErasePerson key={userId} userId={userId} />
      </div>
      <Beliefs userId={userId} />
      <div className="columns columns-2">
        <Timeline userId={userId} />
        <LiveList userId={userId} />
      </div>
      <ThenAndNow key={userId} userId={userId} />
    </>
  );
}

function Search() {
  const [text, setText] = useState(usePageId() ?? "");
  const goTo = useGoTo();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") goTo("users", text.trim());
  };
  return (
    <form className="row row-end" onSubmit={submit}>
      <TextInput label={words.search} value={text} onChange={setText} />
      <Button type="submit" kind="primary">
        {words.show}
      </Button>
    </form>
  );
}

function someEvent(): string {
  const properties = { item_id: "work-shirt-price", reaction: "like" };
  const body = { type: "track", event: "Tip Feedback", userId: "mara", properties };
  return curl("/api/ingest", { method: "POST", body });
}
