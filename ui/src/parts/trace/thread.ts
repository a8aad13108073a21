import type { Message, MessagePart } from '../../api/types.ts';

/** A call of a tool with the result that came back for it, where there is one. */
export interface PairedCall {
  call: MessagePart | null;
  result: MessagePart | null;
}

/** One thing said in a conversation, ready to be shown: a part of a message, or a tool call with its result. */
export type Utterance = { key: string; role: string; isOutput: boolean } & (
  | { part: MessagePart }
  | { pair: PairedCall }
);

/**
 * Input and output messages as one thread. A tool's result stands beside the call it answers (same id), wherever
 * it was sent; one that answers no call stands alone.
 */
export function threadOf(input: Message[], output: Message[]): Utterance[] {
  const results = new Map<string, MessagePart>();
  for (const part of input.flatMap((message) => message.parts)) {
    if (part.type === 'tool_call_response' && part.id) results.set(part.id, part);
  }
  const paired = new Set<MessagePart>();
  const utterances: Utterance[] = [];
  const add = (message: Message, index: number, isOutput: boolean) => {
    message.parts.forEach((part, place) => {
      if (paired.has(part)) return;
      const base = { key: `${isOutput ? 'out' : 'in'} ${index} ${place}`, role: message.role, isOutput };
      if (part.type === 'tool_call') {
        const result = (part.id && results.get(part.id)) || null;
        if (result) paired.add(result);
        utterances.push({ ...base, pair: { call: part, result } });
      } else if (part.type === 'tool_call_response') {
        utterances.push({ ...base, pair: { call: null, result: part } });
      } else {
        utterances.push({ ...base, part });
      }
    });
  };
  input.forEach((message, index) => {
    add(message, index, false);
  });
  output.forEach((message, index) => {
    add(message, index, true);
  });
  return utterances;
}
