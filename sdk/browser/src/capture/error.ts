import { nowMs } from '../clock.js';
import type { Captured, Emit } from '../events.js';
import { guarded, listen } from '../guard.js';
import { uuid } from '../ids.js';

type ErrorSource = 'source' | 'console' | 'custom' | 'report';

/** Causes followed of one error. */
const MAX_CAUSES = 10;
const MAX_TEXT = 32_768;

/** Uncaught exceptions, unhandled rejections and `console.error`, each with its stack and causes. */
export function captureErrors(emit: Emit): () => void {
  const report = (
    error: unknown,
    source: ErrorSource,
    handling: 'handled' | 'unhandled',
    message?: string,
  ): void => {
    emit(errorEvent({ error, source, handling, startMs: nowMs(), message }));
  };
  const stops = [
    listen<ErrorEvent>(window, 'error', (event) => {
      if (event instanceof ErrorEvent)
        report(event.error ?? event.message, 'source', 'unhandled', event.message);
    }),
    listen<PromiseRejectionEvent>(window, 'unhandledrejection', (event) =>
      report(event.reason, 'source', 'unhandled'),
    ),
    listen<SecurityPolicyViolationEvent>(document, 'securitypolicyviolation', (event) =>
      emit(cspEvent(event)),
    ),
    wrapConsoleError((args) => {
      report(
        args.find((each) => each instanceof Error),
        'console',
        'handled',
        args.map(plainText).join(' '),
      );
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

interface ErrorFacts {
  error: unknown;
  source: ErrorSource;
  handling: 'handled' | 'unhandled';
  startMs: number;
  message?: string | undefined;
  context?: Record<string, unknown> | undefined;
  /** Where the page reported it. */
  handlingStack?: string | undefined;
}

/** What is sent of an error; a thrown value that is no Error is told as `Uncaught "…"` or `Provided "…"`. */
export function errorEvent(facts: ErrorFacts): Captured {
  const { error, source, handling, startMs } = facts;
  const real = error instanceof Error ? error : undefined;
  const own = real as
    | (Error & {
        dd_fingerprint?: unknown;
        dip_fingerprint?: unknown;
        dd_context?: object;
        dip_context?: object;
      })
    | undefined;
  const fingerprint = own?.dip_fingerprint ?? own?.dd_fingerprint;
  const verb = handling === 'unhandled' ? 'Uncaught' : 'Provided';
  const message =
    (source === 'console' ? facts.message : real?.message || facts.message) ?? `${verb} ${plainText(error)}`;
  return {
    type: 'error',
    startMs,
    context: { ...own?.dd_context, ...own?.dip_context, ...facts.context },
    source: { error },
    data: {
      error: {
        id: uuid(),
        message: cut(message),
        source,
        source_type: 'browser',
        handling,
        ...(real && { type: real.name, stack: cut(stackOf(real)) }),
        ...(facts.handlingStack && { handling_stack: cut(facts.handlingStack) }),
        ...(fingerprint !== undefined && { fingerprint: String(fingerprint) }),
        ...(real?.cause !== undefined && { causes: causesOf(real, source) }),
      },
      view: { in_foreground: document.visibilityState === 'visible' },
    },
  };
}

function cspEvent(event: SecurityPolicyViolationEvent): Captured {
  const where = event.blockedURI || 'inline';
  return {
    type: 'error',
    startMs: nowMs(),
    data: {
      error: {
        id: uuid(),
        message: `csp_violation: '${where}' blocked by '${event.effectiveDirective}' directive`,
        source: 'report',
        source_type: 'browser',
        handling: 'unhandled',
        type: event.effectiveDirective,
        csp: { disposition: event.disposition },
        stack: `${event.originalPolicy}\n  at ${event.sourceFile || location.href}:${event.lineNumber}:${event.columnNumber}`,
      },
      view: { in_foreground: document.visibilityState === 'visible' },
    },
  };
}

function causesOf(error: Error, source: ErrorSource): Record<string, unknown>[] {
  const causes: Record<string, unknown>[] = [];
  for (
    let at = error.cause;
    at !== undefined && at !== null && causes.length < MAX_CAUSES;
    at = (at as Error).cause
  ) {
    const real = at instanceof Error ? at : undefined;
    causes.push({
      message: cut(real?.message ?? plainText(at)),
      source,
      ...(real && { type: real.name, stack: cut(stackOf(real)) }),
    });
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

function wrapConsoleError(seen: (args: unknown[]) => void): () => void {
  const original = console.error;
  const safe = guarded(seen);
  const wrapped = (...args: unknown[]): void => {
    original.apply(console, args);
    safe(args);
  };
  console.error = wrapped;
  return () => {
    if (console.error === wrapped) console.error = original;
  };
}
