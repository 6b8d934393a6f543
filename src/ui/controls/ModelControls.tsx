/** The model that runs: what it is, how its results are read, how pictures are prepared for it. All of it live. */
import { useState } from 'react';
import type { ModelCard, ModelInfo, Task } from '../../core/card.ts';
import type { Keeping } from '../../core/library.ts';
import { bytes, capped, dims, percent } from '../format.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { taskNames } from '../taskNames.ts';
import { useView } from '../view.ts';
import { openOverlay } from '../verbs.ts';
import { Button, LinkButton } from '../parts/Button.tsx';
import { Row } from '../parts/Row.tsx';
import { CardFiles } from './CardFiles.tsx';
import { Expander } from './Expander.tsx';
import { LoadDial } from './LoadDial.tsx';
import { Section } from './Section.tsx';
import { PreparationControls } from './PreparationControls.tsx';
import { TaskChoice, TaskControls } from './TaskControls.tsx';
import { RepairControls } from './RepairControls.tsx';
import css from './controls.module.css';

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
  const setTask = (task: Task) => verbs.editCard({ task });
  return (
    <>
      <TaskControls task={card.task} setTask={setTask} />
      <Expander title="Task and preparation" fact={preparationFact(card)} open={open} onToggle={setOpen}>
        <TaskChoice task={card.task} reason={card.reasons['task'] ?? ''} setTask={setTask} />
        {card.reasons['labels'] !== undefined && card.labels !== undefined && (
          <Row label="Labels" note={capped(card.reasons['labels'], 160)}>
            <span className={css['fact']}>{capped(card.labels.slice(0, 3).join(', '), 60)}, …</span>
          </Row>
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
        <CardFiles model={model} />
      </Expander>
      <RepairControls model={model} />
    </>
  );
}

function preparationFact({ prepare }: ModelCard): string {
  return prepare === undefined ? '' : `${prepare.width} × ${prepare.height}`;
}
