/** The model that runs: what it is, how its results are read, how pictures are prepared for it. All of it live. */
import { useState } from 'react';
import type { ModelCard, ModelInfo, Task } from '../../core/card.ts';
import type { Keeping } from '../../core/library.ts';
import { bytes, capped, dims, percent } from '../format.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { useView } from '../view.ts';
import { openOverlay } from '../verbs.ts';
import { Button, LinkButton } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { Expander } from './Expander.tsx';
import { LoadDial } from './LoadDial.tsx';
import { Section } from './Section.tsx';
import { PreparationControls } from './PreparationControls.tsx';
import { RepairControls } from './RepairControls.tsx';
import css from './controls.module.css';

export const taskNames: Readonly<Record<Task['kind'], string>> = {
  detection: 'Detection',
  classification: 'Classification',
  image: 'Image',
  tensors: 'Tensors',
};

const tasks: readonly { readonly value: Task['kind']; readonly label: string; readonly note: string }[] = [
  { value: 'detection', label: 'Detection', note: 'Boxes with a class and a score.' },
  { value: 'classification', label: 'Classification', note: 'The likeliest classes of the picture.' },
  { value: 'image', label: 'Image', note: 'The output is a picture.' },
  { value: 'tensors', label: 'Tensors', note: 'Raw outputs: range, mean, histogram.' },
];

/** Where a task starts when a person chooses it by hand. */
const taskDefaults: Readonly<Record<Task['kind'], Task>> = {
  detection: { kind: 'detection', head: 'yolov8', scoreThreshold: 0.25, iouThreshold: 0.45 },
  classification: { kind: 'classification', softmax: 'auto', topK: 5 },
  image: { kind: 'image', range: 'auto' },
  tensors: { kind: 'tensors' },
};

/** Inputs, and outputs, of the list: a model may have a thousand. */
const listed = 12;

export function ModelControls() {
  const model = useStation((state) => state.model);
  const opening = useStation((state) => state.opening);
  const simulated = useStation((state) => state.snapshot.engine.provider === 'simulated');
  const dialled = useView(({ dial }) => dial ?? model?.load !== undefined);
  const name = opening?.name ?? model?.name ?? (simulated ? 'No model' : 'No model yet');
  return (
    <Section title="Model" {...(opening === undefined ? {} : { note: 'opening' })}>
      <div className={css['model']}>
        <div className={css['modelText']} data-two={dialled || undefined}>
          <p className={css['modelName']} data-two={dialled || undefined} title={capped(name)} data-testid="model-name">
            {capped(name, 80)}
          </p>
          <p className={css['fact']}>{factsOf(model, opening?.bytes, opening !== undefined)}</p>
          {model?.card.reasons['outputs'] !== undefined && opening === undefined && (
            <p className={css['fact']} data-testid="model-note">
              {capped(model.card.reasons['outputs'], 300)}
            </p>
          )}
        </div>
        {opening === undefined && (
          <Button onClick={() => openOverlay('models')}>{model === undefined ? 'Open' : 'Change'}</Button>
        )}
      </div>
      {model !== undefined && opening === undefined && <Kept />}
      <LoadDial />
      {model !== undefined && opening === undefined && <Card model={model} />}
    </Section>
  );
}

/** Whether it opens again after a reload, and the way to what is inside. */
function Kept() {
  const keeping = useStation((state) => state.keeping);
  return (
    <div className={css['kept']}>
      <span data-testid="keeping">{keptFact(keeping)}</span>
      <LinkButton onClick={() => openOverlay('inspector')}>Inspect</LinkButton>
    </div>
  );
}

function keptFact(keeping: Keeping | undefined): string {
  switch (keeping?.status) {
    case undefined:
      return '';
    case 'writing':
      return `Being kept, ${percent(keeping.share)}`;
    case 'kept':
      return 'Kept in this browser';
    case 'failed':
      return 'Not kept';
  }
}

function factsOf(model: ModelInfo | undefined, openingBytes: number | undefined, opening: boolean): string {
  if (opening) return openingBytes === undefined ? 'reading' : bytes(openingBytes);
  if (model === undefined) return 'Drop an .onnx file anywhere.';
  const { card, facts } = model;
  const labels = card.labels === undefined ? [] : [`${card.labels.length} labels`];
  return [taskNames[card.task.kind], ...labels, bytes(facts.bytes)].join(', ');
}

function Card({ model }: { readonly model: ModelInfo }) {
  const { card, facts } = model;
  const verbs = useVerbs();
  const [open, setOpen] = useState(false);
  const more = Math.max(0, facts.inputs.length - listed) + Math.max(0, facts.outputs.length - listed);
  // A patch of a task names its kind, so that it can only ever meet the task it was made for.
  const setTask = (task: Partial<Task>) => verbs.editCard({ task: { ...card.task, ...task } as Task });
  return (
    <>
      <TaskControls task={card.task} setTask={setTask} />
      <Expander title="Task and preparation" fact={preparationFact(card)} open={open} onToggle={setOpen}>
        <Row label="Task" note={capped(card.reasons['task'] ?? '', 160)}>
          <Choice
            label="Task"
            value={card.task.kind}
            options={tasks}
            onChange={(kind) => verbs.editCard({ task: taskDefaults[kind] })}
          />
        </Row>
        {card.task.kind === 'detection' && (
          <>
            <Row label="Head">
              <Segmented
                label="Detection head"
                value={card.task.head}
                options={[
                  { value: 'ssd', label: 'SSD' },
                  { value: 'yolov8', label: 'YOLO v8' },
                ]}
                onChange={(head) => setTask({ head })}
              />
            </Row>
            <Row label="Overlap ≤">
              <SliderNumber
                label="Largest overlap of two boxes"
                value={card.task.iouThreshold}
                min={0}
                max={1}
                step={0.01}
                onChange={(iouThreshold) => setTask({ iouThreshold })}
              />
            </Row>
          </>
        )}
        {card.prepare === undefined ? (
          <p className={css['fact']}>No input of this model can take a picture; its raw facts are below.</p>
        ) : (
          <PreparationControls
            prepare={card.prepare}
            inputs={facts.inputs}
            reason={capped(card.reasons['prepare'] ?? '', 160)}
            onChange={(prepare) => verbs.editCard({ prepare })}
          />
        )}
        <ul className={css['tensors']}>
          {facts.inputs.slice(0, listed).map((tensor) => (
            <li key={`in ${tensor.name}`}>
              <span aria-label="input">→</span>
              <span>
                <b>{capped(tensor.name, 80)}</b> {tensor.type} {dims(tensor.shape)}
              </span>
            </li>
          ))}
          {facts.outputs.slice(0, listed).map((tensor) => (
            <li key={`out ${tensor.name}`}>
              <span aria-label="output">←</span>
              <span>
                <b>{capped(tensor.name, 80)}</b> {tensor.type} {dims(tensor.shape)}
              </span>
            </li>
          ))}
        </ul>
        {more > 0 && <p className={css['fact']}>and {more} more</p>}
      </Expander>
      <RepairControls model={model} />
    </>
  );
}

function TaskControls({ task, setTask }: { readonly task: Task; readonly setTask: (task: Partial<Task>) => void }) {
  switch (task.kind) {
    case 'detection':
      return (
        <Row label="Score ≥">
          <SliderNumber
            label="Smallest score"
            value={task.scoreThreshold}
            min={0}
            max={1}
            step={0.01}
            onChange={(scoreThreshold) => setTask({ scoreThreshold })}
          />
        </Row>
      );
    case 'classification':
      return (
        <>
          <Row label="Top">
            <NumberField
              label="How many classes to show"
              value={task.topK}
              min={1}
              max={100}
              onCommit={(topK) => setTask({ topK: Math.round(topK ?? 5) })}
            />
          </Row>
          <Row label="Softmax">
            <Segmented
              label="Softmax"
              value={task.softmax}
              options={[
                { value: 'auto', label: 'Auto' },
                { value: 'yes', label: 'Yes' },
                { value: 'no', label: 'No' },
              ]}
              onChange={(softmax) => setTask({ softmax })}
            />
          </Row>
        </>
      );
    case 'image':
      return (
        <Row label="Range">
          <Choice
            label="Range of the output"
            value={task.range}
            options={[
              { value: 'auto', label: 'Auto', note: 'From the values of each frame.' },
              { value: '0..1', label: '0 to 1' },
              { value: '-1..1', label: '−1 to 1' },
              { value: '0..255', label: '0 to 255' },
            ]}
            onChange={(range) => setTask({ range })}
          />
        </Row>
      );
    case 'tensors':
      return undefined;
  }
}

function preparationFact({ prepare }: ModelCard): string {
  return prepare === undefined ? '' : `${prepare.width} × ${prepare.height}`;
}
