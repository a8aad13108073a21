/** Random identifiers. `crypto.randomUUID` exists only in secure contexts, `getRandomValues` everywhere. */

function randomHex(bytes: number): string {
  let hex = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) {
    hex += byte.toString(16).padStart(2, '0');
  }
  return hex;
}

/** A version 4 UUID (RFC 9562, section 5.4). */
export function uuid(): string {
  const hex = randomHex(16);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** 32 lower-case hex digits, never all zero (W3C Trace Context, section 3.2.2.3). */
export function traceId(): string {
  return nonZero(16);
}

/** 16 lower-case hex digits, never all zero (W3C Trace Context, section 3.2.2.4). */
export function spanId(): string {
  return nonZero(8);
}

function nonZero(bytes: number): string {
  const hex = randomHex(bytes);
  return /[^0]/.test(hex) ? hex : nonZero(bytes);
}
