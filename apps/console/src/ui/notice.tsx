import type { ReactNode } from "react";

interface NoticeProps {
  tone?: "plain" | "good" | "warn" | "bad";
  title?: string;
  /** Said aloud at once by screen readers. */
  isAlert?: boolean;
  children: ReactNode;
}

/** Something the reader of a page should know first. */
export function Notice({ tone = "plain", title, isAlert = false, children }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} role={isAlert ? "alert" : "status"}>
      {title !== undefined && <strong>{title}</strong>}
      <div>{children}</div>
    </div>
  );
}
