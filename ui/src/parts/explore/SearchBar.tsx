import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { ApiError } from '../../api/client.ts';
import { fieldsQuery, type Signal, valuesQuery } from '../../api/explore.ts';
import { Icon } from '../Icon.tsx';
import { useKeys } from '../keys.ts';
import { boundsOf, type Range } from '../range.ts';
import {
  type Caret,
  caretOf,
  fieldSuggestions,
  operatorSuggestions,
  type Suggestion,
  valueSuggestions,
} from './completion.ts';
import { QueryInk } from './QueryInk.tsx';
import { recentQueries, rememberQuery } from './recent.ts';
import styles from './SearchBar.module.css';

interface Properties {
  signal: Signal;
  query: string;
  range: Range;
  placeholder: string;
  /** What the server did not understand of `query`. */
  refusal: ApiError | null;
  onSearch: (query: string) => void;
}

const TYPING_PAUSE_MS = 120;

/** The search of an explorer: `/` leads here, enter asks, arrows choose a completion, escape leads back. */
export function SearchBar(properties: Properties) {
  // What stands in the URL is what is typed; a change from outside starts anew.
  return <Bar key={properties.query} {...properties} />;
}

function Bar({ signal, query, range, placeholder, refusal, onSearch }: Properties) {
  const [typed, setTyped] = useState(query);
  const [at, setAt] = useState(query.length);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const ink = useRef<HTMLDivElement>(null);
  const listId = useId();
  useKeys({ '/': () => input.current?.focus() });

  const caret = caretOf(typed, at);
  const suggestions = useSuggestions(signal, range, typed, caret, isOpen);
  const shown = isOpen && suggestions.length > 0;
  const read = (element: HTMLInputElement) => {
    setTyped(element.value);
    setAt(element.selectionStart ?? element.value.length);
    setActive(-1);
  };
  const ask = (text: string) => {
    const next = text.trim();
    rememberQuery(signal, next);
    setOpen(false);
    onSearch(next);
  };
  const take = (suggestion: Suggestion) => {
    if (suggestion.id.startsWith('recent')) return ask(suggestion.text);
    const next = typed.slice(0, caret.start) + suggestion.text + typed.slice(caret.end).replace(/^ /, '');
    const place = caret.start + suggestion.text.length;
    setTyped(next);
    setAt(place);
    setActive(-1);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(place, place);
    });
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    const chosen = shown ? suggestions[active] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      setOpen(true);
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setActive((now) => Math.max(-1, Math.min(suggestions.length - 1, now + by)));
    } else if (event.key === 'Enter') {
      if (chosen) take(chosen);
      else ask(event.currentTarget.value);
    } else if (event.key === 'Tab' && chosen) {
      take(chosen);
    } else if (event.key === 'Escape') {
      if (shown) setOpen(false);
      else leave();
    } else return;
    event.preventDefault();
  };
  const leave = () => {
    setTyped(query);
    input.current?.blur();
  };

  return (
    <div className={styles.bar}>
      <div className={styles.box} data-refused={refusal !== null}>
        <Icon name="find" size={15} />
        <div className={styles.field}>
          <QueryInk text={typed} mark={refusal && typed === query ? refusal.position : null} inkRef={ink} />
          <input
            ref={input}
            value={typed}
            placeholder={placeholder}
            aria-label="Search"
            role="combobox"
            aria-expanded={shown}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-invalid={refusal !== null}
            {...(shown && active >= 0 ? { 'aria-activedescendant': `${listId}-${active}` } : {})}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            data-testid="search"
            onChange={(event) => {
              read(event.currentTarget);
              setOpen(true);
            }}
            onSelect={(event) => setAt(event.currentTarget.selectionStart ?? typed.length)}
            onFocus={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={press}
            onScroll={(event) => {
              if (ink.current) ink.current.scrollLeft = event.currentTarget.scrollLeft;
            }}
          />
        </div>
        {typed ? (
          <button
            type="button"
            className={styles.clear}
            aria-label="Empty the search"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => {
              setTyped('');
              ask('');
            }}
          >
            <Icon name="close" size={13} />
          </button>
        ) : (
          <kbd>/</kbd>
        )}
      </div>
      {refusal && typed === query && (
        <p className={styles.refusal} role="alert" data-testid="search-refusal">
          {refusal.message}
        </p>
      )}
      {shown && <Suggestions listId={listId} suggestions={suggestions} active={active} onTake={take} />}
    </div>
  );
}

function Suggestions(properties: {
  listId: string;
  suggestions: Suggestion[];
  active: number;
  onTake: (suggestion: Suggestion) => void;
}) {
  const { listId, suggestions, active, onTake } = properties;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div className={styles.list} role="listbox" id={listId} aria-label="Completions" ref={list} tabIndex={-1}>
      {suggestions.map((suggestion, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, by aria-activedescendant
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input, as a combobox asks
        <div
          key={suggestion.id}
          id={`${listId}-${index}`}
          role="option"
          aria-selected={index === active}
          className={styles.option}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(suggestion)}
        >
          <span className={styles.label}>{suggestion.label}</span>
          <span className={styles.detail}>{suggestion.detail}</span>
        </div>
      ))}
    </div>
  );
}

/** What could come at the caret: searches of before, fields, or the values of a field. */
function useSuggestions(
  signal: Signal,
  range: Range,
  typed: string,
  caret: Caret,
  isOpen: boolean,
): Suggestion[] {
  const { data: fields } = useQuery(fieldsQuery(signal));
  const [paused] = useDebouncedValue(caret.typed, TYPING_PAUSE_MS);
  const name = caret.field ?? '';
  const field = fields?.find((one) => one.name.toLowerCase() === name.toLowerCase());
  const { data: values } = useQuery({
    ...valuesQuery(signal, name, paused, () => boundsOf(range)),
    enabled: isOpen && name !== '' && Boolean(fields),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return useMemo(() => {
    if (caret.field !== null) {
      const known = valueSuggestions(values ?? []);
      const isFirst = caret.typed === '' && !caret.isCompared;
      return isFirst && field ? [...known, ...operatorSuggestions(field)] : known;
    }
    const named = fields ? fieldSuggestions(fields, caret.typed) : [];
    if (typed !== '') return named;
    const recent = recentQueries(signal).map((text) => ({
      id: `recent ${text}`,
      label: text,
      detail: 'recent',
      text,
    }));
    return [...recent, ...named];
  }, [caret.field, caret.isCompared, caret.typed, values, field, fields, typed, signal]);
}
