import { nowMs } from '../clock.js';
import { copyJson } from '../context.js';
import type { Captured, Emit } from '../events.js';
import { guarded, listen, tried } from '../guard.js';
import { uuid } from '../ids.js';
import { hookMethod } from '../method_hook.js';

type ErrorSource = 'source' | 'console' | 'custom' | 'report';

/** Causes followed of one error. */
const MAX_CAUSES = 10;
const MAX_TEXT = 32_768;

interface ErrorParts {
  emit: Emit;
  /** Our own requests. */
  isOurs(url: string): boolean;
}

/** Uncaught exceptions, unhandled rejections, `console.error`, CSP violations and what the browser refused to do, each with its stack and causes. */
export function captureErrors({ emit, isOurs }: ErrorParts): void {
  const report = (facts: ErrorFacts): unknown => emit(errorEvent(facts));
  listen<ErrorEvent>(window, ['error'], (event) => {
    // A script or image that fails to load is an Event here, and a resource for us.
    if (event instanceof ErrorEvent) report({ error: event.error ?? event.message, message: event.message });
  });
  listen<PromiseRejectionEvent>(window, ['unhandledrejection'], (event) => report({ error: event.reason }));
  // A policy that blocks our own server is told by the sender, once: as an error it would come again with each attempt.
  listen<SecurityPolicyViolationEvent>(document, ['securitypolicyviolation'], (event) => {
    if (!isOurs(event.blockedURI)) report(violation(event));
  });
  watchInterventions(report);
  hookMethod(console, 'error', (_, args) => () => {
    const error = args.find((each) => each instanceof Error);
    report({ error, source: 'console', handling: 'handled', message: args.map(plainText).join(' ') });
  });
}

interface ErrorFacts {
  error?: unknown;
  /** `source` (the page's code) by default. */
  source?: ErrorSource;
  /** `unhandled` by default. */
  handling?: 'handled' | 'unhandled';
  message?: string | undefined;
  context?: Record<string, unknown> | undefined;
  /** More wire fields of `error`. */
  fields?: Record<string, unknown>;
}

/** What pages may put on their errors; Datadog's names are understood too. */
interface Marked {
  dip_component_stack?: unknown;
  dip_fingerprint?: unknown;
  dd_fingerprint?: unknown;
  dip_context?: object;
  dd_context?: object;
}

/** What is sent of an error; a thrown value that is no Error is told as `Uncaught …` or `Provided …`. */
export function errorEvent(facts: ErrorFacts): Captured {
  const { error, source = 'source', handling = 'unhandled', fields } = facts;
  const real = error instanceof Error ? error : undefined;
  const marks: Marked = (real as Marked | undefined) ?? {};
  const fingerprint = marks.dip_fingerprint ?? marks.dd_fingerprint;
  const verb = handling === 'unhandled' ? 'Uncaught' : 'Provided';
  const message =
    (source === 'console' ? facts.message : real?.message || facts.message) ?? `${verb} ${plainText(error)}`;
  return {
    type: 'error',
    startMs: nowMs(),
    context: { ...marks.dd_context, ...marks.dip_context, ...facts.context },
    behind: { error },
    wire: {
      error: {
        id: uuid(),
        ...partsOf(message, real),
        source,
        source_type: 'browser',
        handling,
        component_stack: marks.dip_component_stack,
        fingerprint: fingerprint === undefined ? fingerprint : String(fingerprint),
        causes: real?.cause === undefined ? undefined : causesOf(real, source),
        ...fields,
      },
    },
  };
}

/** https://w3c.github.io/reporting/#intervention-report : what the browser would not do for the page. */
interface Place {
  sourceFile?: string;
  lineNumber?: number;
  columnNumber?: number;
}
interface Intervention {
  body: Place & { id: string; message: string };
}

function watchInterventions(report: (facts: ErrorFacts) => unknown): void {
  const { ReportingObserver } = window as unknown as {
    ReportingObserver?: new (seen: (reports: Intervention[]) => void, options: object) => { observe(): void };
  };
  if (!ReportingObserver) return;
  const seen = guarded((reports: Intervention[]) => {
    for (const { body } of reports)
      report({
        source: 'report',
        message: `intervention: ${body.message}`,
        fields: { type: body.id, stack: placeOf(body) },
      });
  });
  new ReportingObserver(seen, { types: ['intervention'], buffered: true }).observe();
}

function placeOf({ sourceFile, lineNumber, columnNumber }: Place): string {
  return `\n  at ${sourceFile || location.href}:${lineNumber}:${columnNumber}`;
}

function violation(event: SecurityPolicyViolationEvent): ErrorFacts {
  const { blockedURI, effectiveDirective, disposition, originalPolicy } = event;
  return {
    source: 'report',
    message: `csp_violation: '${blockedURI || 'inline'}' blocked by '${effectiveDirective}' directive`,
    fields: {
      type: effectiveDirective,
      csp: { disposition },
      stack: originalPolicy + placeOf(event),
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
  return tried(() => JSON.stringify(copyJson(value))) ?? String(value);
}
