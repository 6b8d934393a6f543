/** How a sender over WebSocket is held back: not at all, by not reading, or by credit. A line says what each costs. */
import type { Protocol } from '../../core/settings.ts';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';

const protocols = [
  { value: 'auto', label: 'Auto', note: 'Plain: every server understands it.' },
  { value: 'plain', label: 'Plain', note: 'Cannot be slowed down; too much is dropped here.' },
  {
    value: 'stream',
    label: 'Read on demand',
    note: 'The sender waits behind network buffers; what stands there grows old.',
  },
  { value: 'weir.v1', label: 'weir.v1', note: 'The sender waits for credit and hears what became of each frame.' },
] as const satisfies readonly { value: Protocol; label: string; note: string }[];

const protocolNotes: Readonly<Partial<Record<Protocol, string>>> = {
  stream: 'Under Block nothing is lost, but 3 to 6 MB stand in network buffers: frames can be old.',
  'weir.v1': 'For senders that speak it, such as the demo feed. Under Block nothing is lost.',
};

export function ProtocolChoice({
  protocol,
  onChange,
}: {
  readonly protocol: Protocol;
  readonly onChange: (protocol: Protocol) => void;
}) {
  return (
    <Row label="Protocol" note={protocolNotes[protocol]}>
      <Choice label="Protocol" value={protocol} options={protocols} onChange={onChange} />
    </Row>
  );
}
