import { sendSegment, sendVisit, type Visit } from './feed.ts';
import type { RecordedEvent } from './recording.ts';
import type { FrameLocator, Page } from './server.ts';

/** The document that rrweb rebuilds, two frames down. */
export function recorded(page: Page): FrameLocator {
  return page.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
}

/** A view with its recording, segment by segment. */
export async function record(visit: Visit, segments: RecordedEvent[][]): Promise<void> {
  await sendVisit(visit);
  for (const [index, events] of segments.entries()) await sendSegment(visit, index, events);
}
