/**
 * One turn of an agent with the real Vercel AI SDK, sent by the official exporter.
 *
 * node program.mjs 6|7 SESSION_ID
 */

import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { z } from 'zod';

const [major, sessionId] = process.argv.slice(2);

const provider = new NodeTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())],
});
provider.register();

const { generateText, streamText, tool, stepCountIs, isStepCount, ...sdk } = await import(
  major === '6' ? 'ai-6' : 'ai'
);
const { createAnthropic } = await import(major === '6' ? 'anthropic-of-6' : '@ai-sdk/anthropic');

const telemetry = { isEnabled: true, functionId: 'shop', metadata: { sessionId, userId: 'ana' } };
if (major === '7') {
  const { OpenTelemetry } = await import('@ai-sdk/otel');
  sdk.registerTelemetry(new OpenTelemetry());
}

const anthropic = createAnthropic({ baseURL: `${process.env.ANTHROPIC_BASE_URL}/v1`, apiKey: 'none' });
const stock = tool({
  description: 'How many are left',
  inputSchema: z.object({ product: z.string() }),
  execute: async ({ product }) => ({ product, left: 7 }),
});
const common = {
  model: anthropic('claude-haiku-5-5'),
  system: 'Be brief.',
  prompt: 'How many tents?',
  maxRetries: 0,
  experimental_telemetry: telemetry,
  telemetry: { functionId: 'shop' },
};

const root = provider.getTracer('shop').startActiveSpan('turn', async (span) => {
  span.setAttributes({ 'gen_ai.operation.name': 'invoke_agent', 'session.id': sessionId });
  await generateText({ ...common, tools: { stock }, stopWhen: (stepCountIs ?? isStepCount)(3) });
  for await (const _ of streamText(common).textStream);
  span.end();
  return span;
});
const { traceId } = (await root).spanContext();
await provider.shutdown();
console.log(traceId);
