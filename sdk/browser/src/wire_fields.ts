type Fields = Record<string, unknown>;

/** `sourceURL` as the wire has it: `source_url`. */
const snakeCase = (name: string): string =>
  name.replace(/[A-Z]+(?![a-z])|[A-Z]/g, (capitals) => `_${capitals.toLowerCase()}`);

/** Fields of a browser's object, by their names with a space between, under their names on the wire. */
export function wireFields(
  from: object,
  names: string,
  convert: (value: number) => unknown = (value) => value,
): Fields {
  return Object.fromEntries(
    names
      .split(' ')
      .map((name) => [snakeCase(name), convert((from as Record<string, number>)[name] as number)]),
  );
}

/** `{error: 2}` as the wire has it: `{error: {count: 2}}`. */
export function countFields(counts: Record<string, number>): Record<string, { count: number }> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { count }]));
}

/** The frustrations of an action event; none for any other. */
export function frustrationsIn(event: object): string[] {
  return (event as { action?: { frustration?: { type?: string[] } } }).action?.frustration?.type ?? [];
}

/** The object, or undefined when it is empty. */
export function orAbsent<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}
