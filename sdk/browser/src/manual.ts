import { forgetOldest } from './bounded.js';
import { fromEpochMs, nowMs, toNs } from './clock.js';
import type { Context } from './context.js';
import type { Captured } from './events.js';
import { uuid } from './ids.js';
import { absolute } from './requests.js';

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
  /** The names of these three in older versions of Datadog's SDK. */
  startFeatureOperation(name: string, details?: OperationDetails): void;
  succeedFeatureOperation(name: string, details?: OperationDetails): void;
  failFeatureOperation(
    name: string,
    reason: 'error' | 'abandoned' | 'other',
    details?: OperationDetails,
  ): void;
  addAction(name: string, context?: Context): void;
  startAction(name: string, details?: ActionDetails): void;
  stopAction(name: string, details?: ActionDetails): void;
  startResource(url: string, details?: ResourceDetails): void;
  stopResource(url: string, details?: ResourceDetails): void;
}

/** Running measurements at the same time; the oldest is forgotten beyond them. */
const MAX_RUNNING = 100;

type Kind = 'vital' | 'action' | 'resource';
type Details = Context & { context?: Context };

interface Started {
  startMs: number;
  details: Details;
}

/** Gives the methods; what they measure goes to `emit`. */
export function manualMethods(emit: (captured: Captured) => void): ManualMethods {
  const running = new Map<string, Started>();
  const send = (type: Kind, startMs: number, context: Context | undefined, fields: Context): void =>
    emit({ type, startMs, context, wire: { [type]: { id: uuid(), ...fields } } });

  const methods: Record<string, unknown> = {};
  /** A start and a stop that find each other by name and key; what the stop says is added to what the start said. */
  function measured(
    kind: Kind,
    title: string,
    fieldsOf: (name: string, durationNs: number, all: Details) => Context,
  ): void {
    const keyOf = (name: string, details: Details = {}): string =>
      `${kind} ${name} ${details[`${kind}Key`] ?? ''}`;
    methods[`start${title}`] = (name: string, details?: Details): void => {
      running.set(keyOf(name, details), { startMs: nowMs(), details: { ...details } });
      forgetOldest(running, MAX_RUNNING);
    };
    methods[`stop${title}`] = (name: string, details?: Details): void => {
      const key = keyOf(name, details);
      const started = running.get(key);
      if (!started) return;
      running.delete(key);
      const all: Details = { ...started.details, ...details };
      const context = { ...started.details.context, ...all.context };
      send(kind, started.startMs, context, fieldsOf(name, toNs(nowMs() - started.startMs), all));
    };
  }

  const durationVital = (name: string, duration: number, { description }: Details): Context => ({
    type: 'duration',
    name,
    duration,
    description,
  });
  measured('vital', 'DurationVital', durationVital);
  const action = (name: string, loading_time?: number, { type = 'custom' }: Details = {}): Context => ({
    type,
    target: { name },
    frustration: { type: [] },
    loading_time,
  });
  methods.addAction = (name: string, context?: Context) =>
    send('action', nowMs(), context, action(String(name)));
  measured('action', 'Action', action);
  measured('resource', 'Resource', (url, duration, { type = 'other', method, statusCode, size }) => ({
    type,
    url: absolute(url),
    method,
    status_code: statusCode,
    size,
    duration,
  }));
  const step = (
    name: string,
    { context, description, operationKey }: OperationDetails = {},
    step_type: string,
    failure_reason?: string,
  ): void =>
    send('vital', nowMs(), context, {
      type: 'operation_step',
      name,
      description,
      operation_key: operationKey,
      step_type,
      failure_reason,
    });
  for (const title of ['Operation', 'FeatureOperation'])
    Object.assign(methods, {
      [`start${title}`]: (name: string, details?: OperationDetails) => step(name, details, 'start'),
      [`succeed${title}`]: (name: string, details?: OperationDetails) => step(name, details, 'end'),
      [`fail${title}`]: (name: string, reason: string, details?: OperationDetails) =>
        step(name, details, 'end', reason),
    });
  methods.addDurationVital = ((name, vital) =>
    send(
      'vital',
      fromEpochMs(vital.startTime),
      vital.context,
      durationVital(name, toNs(vital.duration), { ...vital }),
    )) satisfies ManualMethods['addDurationVital'];
  return methods as unknown as ManualMethods;
}
