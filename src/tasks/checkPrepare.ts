/** A preparation that the input of the model cannot take is refused when it is chosen, not once per frame. */
import type { Feed, ModelFacts, Prepare } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';

const orders = {
  nchw: ['batch', 'channels', 'height', 'width'],
  nhwc: ['batch', 'height', 'width', 'channels'],
} as const;

/** @throws WeirError bad-settings that says which dimension differs */
export function checkPrepare(prepare: Prepare | undefined, facts: ModelFacts): void {
  const info = facts.inputs.find(({ name }) => name === prepare?.input);
  if (prepare === undefined || prepare.dims !== undefined) return;
  if (info === undefined) {
    const names = facts.inputs.map(({ name }) => name.slice(0, 60)).slice(0, 4);
    throw new WeirError(
      'bad-settings',
      `This model has no input ${prepare.input.slice(0, 60)}; it has ${names.join(', ') || 'none'}.`,
    );
  }
  const { width, height, batch = 1, layout } = prepare;
  const channels = prepare.color === 'gray' ? 1 : 3;
  const sizes = { batch, channels, height, width };
  const order = orders[layout];
  for (const [i, declared] of info.shape.entries()) {
    const what = order[i + order.length - info.shape.length];
    if (what === undefined || typeof declared !== 'number' || declared === sizes[what]) continue;
    throw new WeirError(
      'bad-settings',
      `Input ${info.name.slice(0, 60)} is [${info.shape.join(', ')}]: ${what} must be ${declared}, not ${sizes[what]}.`,
    );
  }
}

/** Fills of inputs that the model does not have would do nothing. @throws WeirError bad-settings that names those it has */
export function checkFills({ fills = {} }: Feed, { inputs }: Pick<ModelFacts, 'inputs'>): void {
  const unknown = Object.keys(fills).find((name) => !inputs.some((input) => input.name === name));
  if (unknown === undefined) return;
  const known = inputs.map(({ name }) => name.slice(0, 60)).join(', ');
  throw new WeirError('bad-settings', `The model has no input "${unknown.slice(0, 60)}"; its inputs are ${known}.`);
}
