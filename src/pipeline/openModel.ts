/**
 * Opening a model, in named steps that can each be cancelled: download, verify, compile, warm up.
 * A model that fails on the way leaves the one that serves untouched.
 */
import { feedOf, type ModelCard, type ModelFacts, type ModelInfo } from '../core/card.ts';
import type { InferenceEngine } from '../core/engine.ts';
import { type ErrorCode, WeirError } from '../core/errors.ts';
import { loadName } from '../core/loadRecipe.ts';
import type { MendedModel, RepairKind } from '../core/repair.ts';
import type { DeepPartial } from '../core/settings.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { type OpeningProgress, type OpeningStep, openingSteps } from '../core/telemetry.ts';
import { cardPatchOf, labelsOf, mainOf, mergePatches, type Sorted, sortCompanions } from '../models/companions.ts';
import { checkExternalFiles } from '../models/externalData.ts';
import { applyCard } from '../tasks/applyCard.ts';
import { checkFills } from '../tasks/checkPrepare.ts';
import { checkNumbers } from '../tasks/checkNumbers.ts';
import { decode } from '../tasks/decode.ts';
import { guessCard, rawCard } from '../tasks/guess.ts';
import { isOpenToChange, refineCard } from '../tasks/refineCard.ts';
import { firstPayload } from './firstPayload.ts';
import type { Keeper, KeepRun } from './keeper.ts';
import {
  bytesOf,
  type FilesHost,
  filesBeside,
  filesOf,
  type Gathered,
  hostOf,
  sizeOf as bytesIn,
  toKeep,
} from './modelFiles.ts';
import type { GivenFile, ModelFile, ModelOrigin } from './protocol.ts';

export interface OpenedModel {
  readonly info: ModelInfo;
  readonly files: readonly ModelFile[];
  /** What the runtime was given instead of the first file. */
  readonly mended: MendedModel | undefined;
  readonly engine: InferenceEngine;
  readonly downloadMs: number;
}

export interface AcquiredEngine {
  readonly engine: InferenceEngine;
  /** It has served frames of this model as they are fed now. */
  readonly warm: boolean;
  release(): void;
}

export interface ReadFile {
  readonly facts: ModelInfo['facts'];
  readonly sha256: string;
  readonly bytes: ArrayBuffer;
  readonly mended: MendedModel | undefined;
}

export interface OpenModelHost extends FilesHost {
  /** Reads and mends the file in the library worker; the bytes of a program travel there and back. */
  read(
    file: GivenFile,
    off: readonly RepairKind[],
    signal: AbortSignal,
    /** What its SHA-256 must be; another one is refused with `changed-file`, its details are what was found. */
    pinned?: string,
  ): Promise<ReadFile>;
  /** Mends what has been read in another way. */
  mend(file: ModelFile, off: readonly RepairKind[]): Promise<MendedModel | undefined>;
  /** What is known of its repairs: a model that they would change is opened as it is. */
  knownRepair(sha256: string, mended: MendedModel | undefined): MendedModel | undefined;
  readonly keeper: Keeper;
  /** A fresh one, or one that runs this very model already; `release` when the opening fails after all. */
  acquireEngine(
    info: ModelInfo,
    files: readonly ModelFile[],
    mended: MendedModel | undefined,
    signal: AbortSignal,
  ): Promise<AcquiredEngine>;
  /** The source gives tensors, so a model without a picture input can be fed. */
  givesTensors(): boolean;
  onProgress(progress: OpeningProgress | undefined): void;
  notice(title: string, text: string): void;
}

const warmUpRuns = 1;

/** @throws WeirError with the code of what stopped it; `cancelled` when the signal did */
export async function openModel(
  origin: ModelOrigin,
  asked: DeepPartial<ModelCard> | undefined,
  host: OpenModelHost,
  signal: AbortSignal,
): Promise<OpenedModel> {
  const progress = createProgress(nameOf(origin), host.onProgress);
  let keeping: KeepRun | undefined;
  try {
    progress.begin('download', placeOf(origin));
    const gathered = await filesOf(origin, host, progress.update, signal);
    const { files, load } = gathered;
    const main = mainOf(files);
    if (main === undefined) throw new WeirError('not-a-model', 'Nothing was dropped.');
    const size = sizeOf(bytesIn(main));
    const downloadMs = progress.done(load === undefined ? size : `${size}, built here`, {
      name: main.name,
      bytes: bytesIn(main),
    });
    signal.throwIfAborted();

    progress.begin('verify', 'reading the file');
    const early = offOf(mergePatches(gathered.card, asked));
    const { facts: read, sha256, bytes, ...made } = await readPinned(main, early, gathered.pinned, host, signal);
    let facts = read;
    const given = files.filter((file) => file !== main);
    const beside = await filesBeside(gathered, facts, given, host, progress.update, signal);
    const others = sortCompanions(facts, [...given, ...beside]);
    checkExternalFiles(
      facts,
      others.data.map((file) => ({ name: file.name, bytes: bytesIn(file) })),
    );
    const patch = mergePatches(mergePatches(gathered.card, await cardGiven(others, host)), asked);
    const raw = patch?.task?.kind === 'tensors';
    let card = cardOf(facts, main.name, patch);
    if (facts.format === 'onnx') checkFills(card, facts);
    const opset = facts.opsets['ai.onnx'] ?? facts.opsets[''];
    progress.done(
      `${facts.format === 'ort' ? 'ORT' : 'ONNX'}${opset === undefined ? '' : `, opset ${opset}`}, sha256 ${sha256.slice(0, 4)}…${sha256.slice(-4)}`,
      { facts, card },
    );
    // The model itself comes first, its external data after it.
    const held: [ModelFile, ...ModelFile[]] = [{ name: main.name, bytes }];
    for (const file of others.data) held.push({ name: file.name, bytes: await bytesOf(file) });
    const total = held.reduce((sum, file) => sum + file.bytes.byteLength, 0);
    if (gathered.keep !== undefined)
      keeping = host.keeper.keep(total, () => toKeep(held, [main, ...others.data], sha256, gathered));

    progress.begin('compile', `${facts.nodes} nodes`);
    const about = { name: card.name, sha256, facts, card };
    const off = offOf(patch);
    const known = host.knownRepair(
      sha256,
      // A card that came with the model is read after it.
      off.join() === early.join() ? made.mended : await host.mend(held[0], off),
    );
    const { mended, engine, warm, release } = await acquire(host, about, held, known, signal);
    const repair = mended?.repair === undefined ? {} : { repair: mended.repair };
    try {
      if (facts.format === 'ort') {
        // Only ORT reads this format: what it found is what the card is guessed from.
        facts = { ...facts, inputs: engine.inputs, outputs: engine.outputs };
        card = cardOf(facts, main.name, patch);
        engine.setFeed(feedOf(card));
      }
      // Said only now, because what ORT refuses is the better reason.
      const fed = card.prepare !== undefined || raw || (host.givesTensors() && card.stream !== undefined);
      if (!fed) {
        throw new WeirError('cannot-feed', card.reasons['prepare'] ?? 'No input of this model takes a picture.');
      }
      progress.done(`${engine.facts.provider === 'webgpu' ? 'WebGPU' : 'WASM'}, ${facts.nodes} nodes`);
      progress.begin('warmUp', `${warmUpRuns} run`);
      const guessed = patch?.task === undefined;
      if (!warm || (guessed && isOpenToChange(card))) card = await warmUp(engine, card, guessed, signal);
      progress.done(warm ? 'warm already' : `${warmUpRuns} run`);
    } catch (error) {
      release();
      throw error;
    }
    progress.begin('start', 'first frame');
    if (keeping === undefined) host.keeper.opened(gathered.entry);
    else
      keeping.commit({
        name: card.name,
        task: card.task.kind,
        ...(card.licence === undefined ? {} : { licence: card.licence }),
        ...(gathered.keep?.url === undefined ? {} : { url: gathered.keep.url }),
        ...(patch === undefined ? {} : { card: patch }),
      });
    const info: ModelInfo = {
      name: card.name,
      sha256,
      facts,
      card,
      ...repair,
      ...(load === undefined ? {} : { load }),
    };
    return { info, files: held, mended, engine, downloadMs };
  } catch (error) {
    keeping?.discard();
    progress.fail();
    if (signal.aborted) throw new WeirError('cancelled', `Opening ${nameOf(origin)} was cancelled.`);
    throw WeirError.wrap(error, 'not-a-model');
  }
}

/** A file that is not what it should be is that before it is anything else. */
async function readPinned(
  main: GivenFile,
  off: readonly RepairKind[],
  pinned: Gathered['pinned'],
  host: OpenModelHost,
  signal: AbortSignal,
) {
  try {
    return await host.read(main, off, signal, pinned?.sha256);
  } catch (error) {
    const changed = pinned !== undefined && error instanceof WeirError && error.code === 'changed-file';
    throw changed ? pinned.changed(error.details ?? '') : error;
  }
}

/** What files that came with the model say of it. */
async function cardGiven(
  { labels, cards }: Pick<Sorted<GivenFile>, 'labels' | 'cards'>,
  host: OpenModelHost,
): Promise<DeepPartial<ModelCard> | undefined> {
  let card: DeepPartial<ModelCard> | undefined;
  for (const file of cards) card ??= cardPatchOf(await bytesOf(file), file.name);
  const [first] = cards;
  if (card === undefined && first !== undefined)
    host.notice(
      'No card was taken',
      `${first.name.slice(0, 60)} says nothing of task, preparation or labels as Weir writes them.`,
    );
  if (labels === undefined) return card;
  return mergePatches(card, { labels: [...labelsOf(await bytesOf(labels), labels.name)] });
}

function placeOf(origin: ModelOrigin): string {
  if (origin.kind === 'url') return hostOf(origin.url);
  if (origin.kind === 'kept') return 'from the library';
  return origin.kind === 'files' ? 'from this computer' : 'built here';
}

/** A graph that was mended and is refused leaves the file as it is to be tried: what is said then is of the file itself. */
async function acquire(
  host: OpenModelHost,
  info: ModelInfo,
  files: readonly ModelFile[],
  mended: MendedModel | undefined,
  signal: AbortSignal,
): Promise<AcquiredEngine & Pick<OpenedModel, 'mended'>> {
  const withRepair = mended?.repair === undefined ? info : { ...info, repair: mended.repair };
  try {
    return { ...(await host.acquireEngine(withRepair, files, mended, signal)), mended };
  } catch (error) {
    const { code, message } = WeirError.wrap(error, 'not-a-model');
    if (mended?.graph === undefined || signal.aborted || !ofTheGraph.has(code)) throw error;
    if (mended.repair === undefined)
      return { ...(await host.acquireEngine(info, files, undefined, signal)), mended: undefined };
    const repair = { notes: [], off: mended.repair.off, check: { status: 'differs', why: message } } as const;
    const acquired = await host.acquireEngine({ ...info, repair }, files, { repair }, signal);
    return { ...acquired, mended: { repair } };
  }
}

/** Errors that another graph may not have. */
const ofTheGraph: ReadonlySet<ErrorCode> = new Set([
  'not-a-model',
  'unsupported-operator',
  'unsupported-opset',
  'missing-external-data',
  'bad-external-path',
  'bad-output',
]);

const offOf = (patch: DeepPartial<ModelCard> | undefined) =>
  (patch?.repairs?.off ?? []).filter((kind) => kind !== undefined);

/** Whoever asks for raw tensors gets them, also where no input is a picture. */
function cardOf(facts: ModelFacts, name: string, patch: DeepPartial<ModelCard> | undefined): ModelCard {
  const guessed = guessCard(facts, name);
  const raw = patch?.task?.kind === 'tensors' && guessed.prepare === undefined;
  const card = raw ? rawCard(guessed, facts) : guessed;
  checkSize(card);
  for (const input of facts.inputs) checkElements(input);
  return patch === undefined || (facts.inputs.length === 0 && facts.format === 'ort') ? card : applyCard(card, patch);
}

/** Of an input: more pixels than a frame has, and more memory than a tab gets. */
const maxSide = 8192;

function checkSize({ prepare }: ModelCard): void {
  if (prepare === undefined || prepare.dims !== undefined || Math.max(prepare.width, prepare.height) <= maxSide) return;
  throw new WeirError(
    'too-large',
    `Input ${prepare.input.slice(0, 60)} takes pictures of ${prepare.width} × ${prepare.height}; the limit of a side is ${maxSide}.`,
  );
}

/** Of an input: what WebAssembly can address at all, in elements of four bytes. */
const mostElements = 2 ** 30;

function checkElements({ name, shape }: TensorInfo): void {
  const elements = shape.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
  if (elements <= mostElements) return;
  throw new WeirError(
    'too-large',
    `Input ${name.slice(0, 60)} is [${shape.join(', ')}]: more numbers than the memory of a page can hold.`,
  );
}

/**
 * Real pictures through the whole path, so that a model that cannot serve never replaces one that does. What a guess left
 * open is settled by the values of the first run.
 */
async function warmUp(
  engine: InferenceEngine,
  given: ModelCard,
  guessed: boolean,
  signal: AbortSignal,
): Promise<ModelCard> {
  let card = given;
  for (let i = 0; i < warmUpRuns; i++) {
    const [reply] = await engine.run([{ payload: firstPayload(card, i / 10) }]);
    signal.throwIfAborted();
    if (reply === undefined) throw new Error('Each job has a reply.');
    if (!reply.ok) throw WeirError.fromData(reply.error);
    checkNumbers(reply.outputs);
    if (i === 0 && guessed) {
      card = refineCard(card, reply.outputs);
      if (card.prepare !== given.prepare) engine.setFeed(feedOf(card));
    }
    decode(reply.outputs, reply.fit, card);
  }
  return card;
}

interface Progress {
  begin(step: OpeningStep, fact: string): void;
  update(fact: string, share?: number): void;
  done(fact: string, more?: Partial<OpeningProgress>): number;
  fail(): void;
}

type MutableStep = { -readonly [K in keyof OpeningProgress['steps'][number]]: OpeningProgress['steps'][number][K] };

function createProgress(name: string, publish: (progress: OpeningProgress) => void): Progress {
  let rest: Partial<OpeningProgress> = {};
  let at = -1;
  const steps: MutableStep[] = openingSteps.map((step) => ({ step, status: 'waiting', fact: '' }));
  const send = () => publish({ name, ...rest, steps: steps.map((step) => ({ ...step })) });
  const current = () => steps[at] as MutableStep;
  return {
    begin(step, fact) {
      at = openingSteps.indexOf(step);
      Object.assign(current(), { status: 'doing', fact, startedAt: performance.timeOrigin + performance.now() });
      send();
    },
    update(fact, share) {
      current().fact = fact;
      if (share !== undefined) current().share = share;
      send();
    },
    done(fact, more = {}) {
      const ms = performance.timeOrigin + performance.now() - (current().startedAt ?? 0);
      Object.assign(current(), { status: 'done', fact, ms });
      delete current().share;
      rest = { ...rest, ...more };
      send();
      return ms;
    },
    fail() {
      if (at >= 0) current().status = 'failed';
      send();
    },
  };
}

function nameOf(origin: ModelOrigin): string {
  if (origin.kind === 'load') return loadName(origin.recipe);
  if (origin.kind === 'kept') return 'a kept model';
  const path = origin.kind === 'files' ? (origin.files[0]?.name ?? 'the model') : origin.url;
  return (path.split(/[?#]/)[0] ?? path).split('/').pop()?.slice(0, 120) || 'the model';
}

function sizeOf(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}
