import { forgetOldest } from './bounded.js';
import { fromEpochMs, nowMs, toNs } from './clock.js';
import type { Context } from './context.js';
import type { Captured } from './events.js';
import { uuid } from './ids.js';

export interface VitalDetails {
  context?: Context;
  description?: string;
  /** Tells vitals of one name apart that run at the same time. */
  vitalKey?: string;
}
export interface OperationDetails {
  context?: Context;
  description?: string;
  /** Tells operations of one name apart that run at the same time. */
  operationKey?: string;
}
export interface ActionDetails {
  context?: Context;
  /** `custom` by default. */
  type?: string;
  actionKey?: string;
}
export interface ResourceDetails {
  context?: Context;
  /** `other` by default. */
  type?: string;
  method?: string;
  statusCode?: number;
  /** Bytes. */
  size?: number;
  resourceKey?: string;
}

/** What the page itself measures. Names and meaning as in Datadog's SDK; a stop without a start does nothing. */
export interface ManualMethods {
  /** A duration that is known: `startTime` in epoch milliseconds, `duration` in milliseconds. */
  addDurationVital(name: string, vital: VitalDetails & { startTime: number; duration: number }): void;
  startDurationVital(name: string, details?: VitalDetails): void;
  stopDurationVital(name: string, details?: VitalDetails): void;
  startOperation(name: string, details?: OperationDetails): void;
  succeedOperation(name: string, details?: OperationDetails): void;
  failOperation(name: string, reason: 'error' | 'abandoned' | 'other', details?: OperationDetails): void;
  startAction(name: string, details?: ActionDetails): void;
  stopAction(name: string, details?: ActionDetails): void;
  startResource(url: string, details?: ResourceDetails): void;
  stopResource(url: string, details?: ResourceDetails): void;
}

/** Running measurements at the same time; the oldest is forgotten beyond them. */
const MAX_RUNNING = 100;

interface Started {
  startMs: number;
  details: Context & { context?: Context };
}

export function manualMethods(emit: (captured: Captured) => void): ManualMethods {
  const running = new Map<string, Started>();

  const start = (key: string, details: Context = {}): void => {
    running.set(key, { startMs: nowMs(), details });
    forgetOldest(running, MAX_RUNNING);
  };

  /** Sends what was started under the key; what the stop says is added to what the start said. */
  const stop = (
    key: string,
    type: Captured['type'],
    details: Context & { context?: Context } = {},
    fields: (durationNs: number, all: Context) => Context,
  ): void => {
    const started = running.get(key);
    if (!started || !running.delete(key)) return;
    const all = { ...started.details, ...details };
    const context = { ...started.details.context, ...details.context };
    emit({
      type,
      startMs: started.startMs,
      context,
      data: { [type]: { id: uuid(), ...fields(toNs(nowMs() - started.startMs), all) } },
    });
  };

  const vital = (startMs: number, context: Context | undefined, fields: Context): void =>
    emit({ type: 'vital', startMs, context, data: { vital: { id: uuid(), ...fields } } });
  const step = (name: string, details: OperationDetails | undefined, fields: Context): void => {
    const { context, description, operationKey } = details ?? {};
    vital(nowMs(), context, {
      type: 'operation_step',
      name,
      description,
      operation_key: operationKey,
      ...fields,
    });
  };
  const keyOf = (kind: string, name: string, key = ''): string => [kind, name, key].join();

  return {
    addDurationVital: (name, { startTime, duration, context, description }) =>
      vital(fromEpochMs(startTime), context, {
        type: 'duration',
        name,
        duration: toNs(duration),
        description,
      }),
    startDurationVital: (name, details) => start(keyOf('vital', name, details?.vitalKey), { ...details }),
    stopDurationVital: (name, details) =>
      stop(keyOf('vital', name, details?.vitalKey), 'vital', { ...details }, (duration, { description }) => ({
        type: 'duration',
        name,
        duration,
        description,
      })),
    startOperation: (name, details) => step(name, details, { step_type: 'start' }),
    succeedOperation: (name, details) => step(name, details, { step_type: 'end' }),
    failOperation: (name, reason, details) =>
      step(name, details, { step_type: 'end', failure_reason: reason }),
    startAction: (name, details) => start(keyOf('action', name, details?.actionKey), { ...details }),
    stopAction: (name, details) =>
      stop(keyOf('action', name, details?.actionKey), 'action', { ...details }, (loading_time, { type }) => ({
        type: type ?? 'custom',
        target: { name },
        frustration: { type: [] },
        loading_time,
      })),
    startResource: (url, details) => start(keyOf('resource', url, details?.resourceKey), { ...details }),
    stopResource: (url, details) =>
      stop(keyOf('resource', url, details?.resourceKey), 'resource', { ...details }, (duration, all) => ({
        type: all.type ?? 'other',
        url: new URL(url, location.href).href,
        method: all.method,
        status_code: all.statusCode,
        size: all.size,
        duration,
      })),
  };
}
