import { Button, Divider, Popover, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Signal } from '../../api/explore.ts';
import { changeView, deleteView, type SavedView, savedViewsQuery, saveView } from '../../api/saved_views.ts';
import { Choice } from '../Choice.tsx';
import { Icon } from '../Icon.tsx';
import { changeTo, type ExploreSearch, savedPart } from './explore_search.ts';
import styles from './SavedViews.module.css';

interface Properties {
  signal: Signal;
  search: ExploreSearch;
  onSearch: (change: Partial<ExploreSearch>, isStep: boolean) => void;
}

/** Lists as people of the project left them: open one, save this one, share it, and what the list opens with. */
export function SavedViews({ signal, search, onSearch }: Properties) {
  const { data: all } = useQuery(savedViewsQuery());
  const views = all?.filter((view) => view.signal === signal) ?? [];
  const current = views.find((view) => view.id === search.saved);
  const isChanged = current !== undefined && current.search !== savedPart(search);
  const [isOpen, setOpen] = useState(false);
  useFirstView(all, signal, search, onSearch);
  const open = (view: SavedView | undefined) => onSearch(changeTo(view?.search ?? '', view?.id), true);
  return (
    <Popover
      width={280}
      opened={isOpen}
      onChange={setOpen}
      position="bottom-end"
      trapFocus
      returnFocus
      shadow="md"
    >
      <Popover.Target>
        <Button
          rightSection={<Icon name="down" size={14} />}
          onClick={() => setOpen(!isOpen)}
          data-testid="saved-views"
        >
          <span className={styles.name}>{current ? current.name : 'Views'}</span>
          {isChanged && <i className={styles.changed} title="Changed since it was saved" />}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.menu ?? ''} aria-label="Saved views">
        {views.length === 0 && <Note>No view of this list is saved yet</Note>}
        {views.map((view) => (
          <Choice key={view.id} isOn={view.id === current?.id} onClick={() => open(view)} testId="saved-view">
            {view.name}
            {view.is_default && <span className={styles.default}> opens first</span>}
          </Choice>
        ))}
        {current && <Choice onClick={() => open(undefined)}>The whole list</Choice>}
        <Divider my={4} />
        {current && (
          <CurrentView view={current} isChanged={isChanged} search={search} onLeave={() => open(undefined)} />
        )}
        <NameForm
          label="Save as a new view"
          onName={async (name) => {
            const view = await saveView(signal, name, savedPart(search));
            onSearch({ saved: view.id }, false);
            setOpen(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Note({ children }: { children: string }) {
  return (
    <Text size="xs" c="dimmed" px={10} py={5}>
      {children}
    </Text>
  );
}

/** What can be done with the view that is open. */
function CurrentView(properties: {
  view: SavedView;
  isChanged: boolean;
  search: ExploreSearch;
  onLeave: () => void;
}) {
  const { view, isChanged, search } = properties;
  const change = useViewChange();
  return (
    <>
      <Note>{view.name}</Note>
      {isChanged && (
        <Choice onClick={() => change(() => changeView(view.id, { search: savedPart(search) }))}>
          Save the changes
        </Choice>
      )}
      <Choice onClick={() => void navigator.clipboard.writeText(linkTo(view))}>Copy link</Choice>
      <Choice onClick={() => change(() => changeView(view.id, { is_default: !view.is_default }))}>
        {view.is_default ? 'Do not open the list with it' : 'Open the list with it'}
      </Choice>
      <Choice
        tone="bad"
        onClick={() => change(() => deleteView(view.id)).then((isDone) => isDone && properties.onLeave())}
      >
        Delete for everyone
      </Choice>
      <NameForm label="Rename" first={view.name} onName={(name) => changeView(view.id, { name })} />
      <Divider my={4} />
    </>
  );
}

/** One name and its button; what the server refuses stands below it. */
function NameForm(properties: { label: string; first?: string; onName: (name: string) => Promise<unknown> }) {
  const [name, setName] = useState(properties.first ?? '');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: properties.onName,
    onSuccess: () => queries.invalidateQueries(savedViewsQuery()),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) mutate(name.trim());
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextInput
        size="xs"
        aria-label={properties.label}
        placeholder={properties.label}
        maxLength={80}
        value={name}
        error={error?.message}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!name.trim() || isPending}>
        {properties.first === undefined ? 'Save' : 'Rename'}
      </Button>
    </form>
  );
}

/** Runs a change and reads the views anew; whether it worked. */
function useViewChange(): (change: () => Promise<unknown>) => Promise<boolean> {
  const queries = useQueryClient();
  return async (change) => {
    const isDone = await change().then(
      () => true,
      () => false,
    );
    // Also after a refusal: somebody else may have deleted it.
    await queries.invalidateQueries(savedViewsQuery());
    return isDone;
  };
}

/** On the way in: a link that names a view alone shows it, and a list without any search opens with its default. */
function useFirstView(
  all: SavedView[] | undefined,
  signal: Signal,
  search: ExploreSearch,
  onSearch: Properties['onSearch'],
): void {
  const isBare = useRef(savedPart(search) === '');
  useEffect(() => {
    if (!all || !isBare.current) return;
    isBare.current = false;
    const ofList = all.filter((view) => view.signal === signal);
    const view = search.saved
      ? ofList.find(({ id }) => id === search.saved)
      : ofList.find(({ is_default }) => is_default);
    if (view) onSearch({ ...changeTo(view.search, view.id), selected: search.selected }, false);
  }, [all, signal, search, onSearch]);
}

function linkTo(view: SavedView): string {
  const address = new URL(window.location.pathname, window.location.origin);
  const project = new URLSearchParams(window.location.search).get('project');
  if (project) address.searchParams.set('project', project);
  address.searchParams.set('saved', view.id);
  return address.href;
}
