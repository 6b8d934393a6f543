/**
 * Settings in the URL hash, which never reaches a server: `#source.kind=scene&source.ratePerS=60`.
 * Only what differs from the defaults is written, and never a secret.
 */
import * as v from 'valibot';
import { withoutSecrets } from '../core/address.ts';
import { WeirError } from '../core/errors.ts';
import {
  type DeepPartial,
  defaultSettings,
  type NamedSource,
  type Settings,
  type SettingsChange,
} from '../core/settings.ts';
import { SettingsSchema } from '../core/settingsSchema.ts';

type Leaf = string | number | boolean | null;
type Tree = { [key: string]: Leaf | Tree };

/** The settings with a change laid over them. @throws WeirError bad-settings naming the field and what it takes */
export function mergeSettings(settings: Settings, change: SettingsChange): Settings {
  if (!isTree(change))
    throw new WeirError('bad-settings', 'Settings are an object, such as { source: { ratePerS: 60 } }.');
  const parsed = v.safeParse(SettingsSchema, {
    ...overlay(settings as unknown as Tree, change as unknown as Tree),
    sources: sourcesAfter(settings, change),
  });
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new WeirError('bad-settings', `${v.getDotPath(issue) ?? 'The settings'}: ${issue.message}`);
}

/** Whichever of `source` and `sources` is given is in force; nonsense stays nonsense, for the schema to name. */
function sourcesAfter(settings: Settings, { source, sources }: SettingsChange): unknown {
  if (sources === undefined) return source === undefined ? settings.sources : [];
  if (!Array.isArray(sources)) return sources;
  return sources.map((given: unknown, index) => {
    if (!isTree(given)) return given;
    const { id = `source-${index + 1}` } = given;
    const known = settings.sources.find((each) => each.id === id) ?? newSource('');
    return overlay({ ...known } as unknown as Tree, { ...given, id });
  });
}

const newSource = (id: string): NamedSource => ({ ...defaultSettings.source, id, weight: 1 });

export function settingsToHash(settings: Settings, model?: string): string {
  const parameters = new URLSearchParams();
  if (model !== undefined) parameters.set('model', withoutSecrets(model));
  for (const [path, value] of leaves(settings as unknown as Tree)) {
    if (value === at(defaultSettings as unknown as Tree, path)) continue;
    parameters.set(
      path,
      path === 'source.url' ? withoutSecrets(String(value)) : value === null ? 'off' : String(value),
    );
  }
  settings.sources.forEach((source, index) => {
    for (const [key, value] of Object.entries(source))
      if (key === 'id' || value !== at(newSource('') as unknown as Tree, key))
        parameters.set(`sources.${index}.${key}`, key === 'url' ? withoutSecrets(String(value)) : String(value));
  });
  // Legal in a fragment, and links stay readable; the first "=" of a part is the one that counts.
  return parameters
    .toString()
    .replaceAll('%2F', '/')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%3D', '=');
}

/** @throws WeirError bad-settings */
export function settingsFromHash(hash: string): { settings: Settings; model: string | undefined } {
  const change: Tree = {};
  const sources: Tree[] = [];
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  for (const [path, text] of parameters) {
    if (path === 'model') continue;
    const [, index, key] = /^sources\.([0-7])\.(\w+)$/.exec(path) ?? [];
    if (key !== undefined) {
      const leaf = at(newSource('') as unknown as Tree, key);
      if (leaf === undefined) throw noSetting(path);
      put((sources[Number(index)] ??= {}), key, leafOf(text, leaf));
      continue;
    }
    const known = at(defaultSettings as unknown as Tree, path);
    if (known === undefined) throw noSetting(path);
    put(change, path, leafOf(text, known));
  }
  return {
    settings: mergeSettings(defaultSettings, {
      ...(change as DeepPartial<Omit<Settings, 'sources'>>),
      // A link that was cut by hand may leave holes.
      ...(sources.length === 0 ? {} : { sources: sources.filter(isTree) }),
    }),
    model: parameters.get('model') || undefined,
  };
}

const noSetting = (path: string) =>
  new WeirError('bad-settings', `The link sets "${path.slice(0, 60)}", which is no setting.`);

/** The text of a link as what the setting holds; nonsense stays nonsense, for the schema to name. */
function leafOf(text: string, known: Leaf): Leaf {
  if (typeof known === 'string') return text;
  if (typeof known === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return text === 'off' ? null : text.trim() === '' ? NaN : Number(text);
}

function overlay(base: Tree, change: Tree): Tree {
  const result: Tree = { ...base };
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) continue;
    const below = result[key];
    result[key] = isTree(below) && isTree(value) ? overlay(below, value) : value;
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* leaves(tree: Tree, prefix = ''): Generator<[string, Leaf]> {
  for (const [key, value] of Object.entries(tree)) {
    if (isTree(value)) yield* leaves(value, `${prefix}${key}.`);
    else if (!Array.isArray(value)) yield [`${prefix}${key}`, value];
  }
}

function at(tree: Tree, path: string): Leaf | undefined {
  let node: Leaf | Tree | undefined = tree;
  for (const key of path.split('.')) node = isTree(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  return isTree(node) ? undefined : node;
}

function put(tree: Tree, path: string, value: Leaf): void {
  const keys = path.split('.');
  const last = keys.pop() as string;
  let node = tree;
  for (const key of keys) {
    const below = node[key];
    const next: Tree = isTree(below) ? below : {};
    node[key] = next;
    node = next;
  }
  node[last] = value;
}
