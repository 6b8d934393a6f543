/** The sources that share the engine: which one the controls below are about, its weight, one more, one less. */
import { useStation, useVerbs } from '../StationContext.ts';
import { LinkButton } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { useSelected } from '../selected.ts';
import { kindWords } from '../sourceKinds.ts';
import { view } from '../view.ts';

export const mostSources = 8;

export function SourceList() {
  const sources = useStation((state) => state.settings.sources);
  const skips = useStation((state) => state.settings.flow.policy === 'skip');
  const selected = useSelected();
  const verbs = useVerbs();
  if (sources.length === 0) return undefined;
  const all = sources.reduce((sum, { weight }) => sum + weight, 0);
  return (
    <>
      <Row label="Source">
        <Choice
          label="Source that the controls are about"
          value={selected.id}
          options={sources.map(({ id, kind }) => ({ value: id, label: id, note: kindWords[kind].label }))}
          onChange={(source) => view.setState({ source })}
        />
      </Row>
      <Row
        label="Weight"
        off={skips}
        note={
          <>
            {skips
              ? 'Skip has no queue to choose from: whoever comes while the engine is free is served, and weights do not act.'
              : `${Math.round((100 * selected.weight) / all)} % of the engine when all want more than it has.`}{' '}
            <LinkButton onClick={() => verbs.removeSource(selected.id)}>Remove {selected.id}</LinkButton>
          </>
        }
      >
        <SliderNumber
          label="Weight beside the other sources"
          disabled={skips}
          value={selected.weight}
          min={0.1}
          max={10}
          fieldMax={1000}
          step={0.1}
          onChange={(weight) =>
            verbs.change({ sources: sources.map((each) => (each.id === selected.id ? { ...each, weight } : each)) })
          }
        />
      </Row>
    </>
  );
}
