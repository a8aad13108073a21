/** Random identifiers. `crypto.randomUUID` exists only in secure contexts, `getRandomValues` everywhere. */

function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A version 4 UUID (RFC 9562, section 5.4). */
export function uuid(): string {
  return randomHex(16).replace(/^(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-a$4-');
}

/** 32 lower-case hex digits (W3C Trace Context, section 3.2.2.3). */
export function traceId(): string {
  return randomHex(16);
}

/** 16 lower-case hex digits (W3C Trace Context, section 3.2.2.4). */
export function spanId(): string {
  return randomHex(8);
}
