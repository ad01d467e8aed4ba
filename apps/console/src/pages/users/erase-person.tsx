import { useMutation, useQueryClient } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatCount } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import { Time } from "../../ui/time.tsx";
import { words } from "./strings.ts";

/** Erases a person after their id was typed, and shows the receipt. */
export function ErasePerson({ userId }: { userId: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const erase = useMutation({
    mutationFn: () =>
      dataOf(api.DELETE("/api/users/{user_id}", { params: { path: { user_id: userId } } })),
    onSuccess: () => queries.invalidateQueries(),
  });
  if (erase.data !== undefined) return <Receipt receipt={erase.data} />;
  return (
    <ConfirmDialog
      trigger={words.erase}
      title={words.eraseTitle}
      confirm={words.erase}
      typed={{ label: words.eraseTyped, text: userId }}
      isDanger
      onConfirm={() => erase.mutateAsync()}
    >
      {words.eraseText}
    </ConfirmDialog>
  );
}

function Receipt({ receipt }: { receipt: Schema<"ErasureReceipt"> }) {
  return (
    <Notice tone="good" title={words.receipt}>
      <dl className="facts">
        {Object.entries(receipt.removed).map(([store, count]) => (
          <div key={store} className="row">
            <dt>{store.replaceAll("_", " ")}</dt>
            <dd>{formatCount(count)}</dd>
          </div>
        ))}
        <dt>{words.receiptForgets}</dt>
        <dd>
          <Time value={receipt.bus_forgets_at} />
        </dd>
        <dt>{words.receiptKept}</dt>
        <dd>{receipt.kept.join(", ").replaceAll("_", " ")}</dd>
      </dl>
    </Notice>
  );
}
