import { nowMs } from '../clock.js';
import type { Captured, Emit } from '../events.js';
import { guarded, listen } from '../guard.js';
import { uuid } from '../ids.js';

type ErrorSource = 'source' | 'console' | 'custom' | 'report';

/** Causes followed of one error. */
const MAX_CAUSES = 10;
const MAX_TEXT = 32_768;

/** Uncaught exceptions, unhandled rejections, `console.error` and CSP violations, each with its stack and causes. */
export function captureErrors(emit: Emit): void {
  const report = (facts: Omit<ErrorFacts, 'startMs'>): void =>
    void emit(errorEvent({ startMs: nowMs(), ...facts }));
  listen<ErrorEvent>(window, ['error'], (event) => {
    // A script or image that fails to load is an Event here, and a resource for us.
    if (event instanceof ErrorEvent) report({ error: event.error ?? event.message, message: event.message });
  });
  listen<PromiseRejectionEvent>(window, ['unhandledrejection'], (event) => report({ error: event.reason }));
  listen<SecurityPolicyViolationEvent>(document, ['securitypolicyviolation'], (event) =>
    report(violation(event)),
  );
  const original = console.error;
  const safe = guarded((args: unknown[]) => {
    const error = args.find((each) => each instanceof Error);
    report({ error, source: 'console', handling: 'handled', message: args.map(plainText).join(' ') });
  });
  console.error = (...args: unknown[]): void => {
    original.apply(console, args);
    safe(args);
  };
}

interface ErrorFacts {
  error: unknown;
  /** `source` (the page's code) by default. */
  source?: ErrorSource;
  /** `unhandled` by default. */
  handling?: 'handled' | 'unhandled';
  startMs: number;
  message?: string | undefined;
  context?: Record<string, unknown> | undefined;
  /** More wire fields of `error`. */
  fields?: Record<string, unknown>;
}

/** What pages may put on their errors; Datadog's names are understood too. */
interface Marked {
  dip_fingerprint?: unknown;
  dd_fingerprint?: unknown;
  dip_context?: object;
  dd_context?: object;
}

/** What is sent of an error; a thrown value that is no Error is told as `Uncaught …` or `Provided …`. */
export function errorEvent(facts: ErrorFacts): Captured {
  const { error, source = 'source', handling = 'unhandled', startMs, fields } = facts;
  const real = error instanceof Error ? error : undefined;
  const marks: Marked = (real as Marked | undefined) ?? {};
  const fingerprint = marks.dip_fingerprint ?? marks.dd_fingerprint;
  const verb = handling === 'unhandled' ? 'Uncaught' : 'Provided';
  const message =
    (source === 'console' ? facts.message : real?.message || facts.message) ?? `${verb} ${plainText(error)}`;
  return {
    type: 'error',
    startMs,
    context: { ...marks.dd_context, ...marks.dip_context, ...facts.context },
    source: { error },
    data: {
      error: {
        id: uuid(),
        ...partsOf(message, real),
        source,
        source_type: 'browser',
        handling,
        fingerprint: fingerprint === undefined ? fingerprint : String(fingerprint),
        causes: real?.cause === undefined ? undefined : causesOf(real, source),
        ...fields,
      },
    },
  };
}

function violation(event: SecurityPolicyViolationEvent): Omit<ErrorFacts, 'startMs'> {
  const {
    blockedURI,
    effectiveDirective,
    disposition,
    originalPolicy,
    sourceFile,
    lineNumber,
    columnNumber,
  } = event;
  return {
    error: undefined,
    source: 'report',
    message: `csp_violation: '${blockedURI || 'inline'}' blocked by '${effectiveDirective}' directive`,
    fields: {
      type: effectiveDirective,
      csp: { disposition },
      stack: `${originalPolicy}\n  at ${sourceFile || location.href}:${lineNumber}:${columnNumber}`,
    },
  };
}

function partsOf(message: string, error: Error | undefined): Record<string, unknown> {
  return { message: cut(message), type: error?.name, stack: error && cut(stackOf(error)) };
}

function causesOf(error: Error, source: ErrorSource): Record<string, unknown>[] {
  const causes: Record<string, unknown>[] = [];
  for (
    let at = error.cause;
    at !== undefined && at !== null && causes.length < MAX_CAUSES;
    at = (at as Error).cause
  ) {
    const real = at instanceof Error ? at : undefined;
    causes.push({ ...partsOf(real?.message ?? plainText(at), real), source });
  }
  return causes;
}

function stackOf(error: Error): string {
  return error.stack ?? `${error.name}: ${error.message}`;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} [cut]` : text;
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return stackOf(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
