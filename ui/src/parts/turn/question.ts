/** A page draws a question a little after it has sent it: at most 77 ms after, over the sample's visits. */
const DRAWN_WITHIN_MS = 100;

/**
 * The moment to show of a question: when it stands in the page, and no word of the answer does yet.
 *
 * Args: asked_ms: when it was sent, epoch ms on the page's clock; first_word_ms: how much later the first word was seen.
 */
export function questionSeenAt(asked_ms: number, first_word_ms: number | null = null): number {
  return Math.round(asked_ms + Math.min(DRAWN_WITHIN_MS, (first_word_ms ?? Number.POSITIVE_INFINITY) / 2));
}
