import { createHash } from "node:crypto";

const SHARED = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
} as const;

/**
 * Headers of every answer of the console: files of its own only, nothing inline, in no frame.
 * @param inlineStyle text of the one style element a page may have.
 */
export function securityHeaders(inlineStyle?: string): Record<string, string> {
  const style = inlineStyle === undefined ? "" : ` 'sha256-${base64Sha256(inlineStyle)}'`;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${style}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { ...SHARED, "content-security-policy": policy.join("; ") };
}

function base64Sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
