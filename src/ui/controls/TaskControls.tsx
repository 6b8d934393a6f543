/** What the outputs of the model are taken for: the task and its numbers, each change seen at once on the live picture. */
import type { DetectionHead, KeypointHead, Task } from '../../core/card.ts';
import { assertNever } from '../../core/errors.ts';
import { taskDefaults } from '../../core/taskDefaults.ts';
import { capped } from '../format.ts';
import { Choice } from '../parts/Choice.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { Toggle } from '../parts/Toggle.tsx';
import { taskNames } from '../taskNames.ts';

const taskNotes: Readonly<Record<Task['kind'], string>> = {
  detection: 'Boxes with a class and a score.',
  classification: 'The likeliest classes of the picture.',
  segmentation: 'The class of each pixel.',
  instances: 'Boxes, each with the pixels of its object.',
  keypoints: 'Points of a face, a hand or a person.',
  image: 'The output is a picture, or a depth.',
  sound: 'Activity over time, or a spectrum.',
  tensors: 'Raw outputs: range, mean, histogram.',
};

const tasks = (Object.keys(taskDefaults) as Task['kind'][]).map((value) => ({
  value,
  label: taskNames[value],
  note: taskNotes[value],
}));

const heads: readonly { readonly value: DetectionHead; readonly label: string; readonly note: string }[] = [
  { value: 'yolov8', label: 'YOLOv8', note: 'Boxes and class scores: [1, 4+C, N].' },
  { value: 'yolov5', label: 'YOLOv5', note: 'With objectness: [1, N, 5+C].' },
  { value: 'yolox', label: 'YOLOX', note: 'Undecoded grid of strides 8, 16, 32.' },
  { value: 'fastestdet', label: 'FastestDet', note: 'One grid: [1, 5+C, H, W].' },
  { value: 'ssd', label: 'SSD', note: 'Scores and corners, as UltraFace.' },
  { value: 'yunet', label: 'YuNet', note: 'Faces with five points.' },
  { value: 'rows', label: 'One a row', note: 'Suppressed in the graph: YOLOv10, [n, 7].' },
  { value: 'nms', label: 'NMS outputs', note: 'Indices, or boxes and scores apart.' },
];

const keypointHeads: readonly { readonly value: KeypointHead; readonly label: string; readonly note: string }[] = [
  { value: 'heatMaps', label: 'Heat maps', note: 'One peak for each point.' },
  { value: 'offsets', label: 'With offsets', note: 'Peaks, and offsets in both directions.' },
  { value: 'direct', label: 'Coordinates', note: 'The numbers are the points.' },
];

interface Of<T> {
  readonly task: T;
  readonly setTask: (task: Task) => void;
}

/** The task itself, with the reason of the guess, and how its tensors are read. */
export function TaskChoice({ task, reason, setTask }: Of<Task> & { readonly reason: string }) {
  return (
    <>
      <Row label="Task" note={capped(reason, 260)}>
        <Choice
          label="Task"
          value={task.kind}
          options={tasks}
          onChange={(kind) => {
            if (kind !== task.kind) setTask(taskDefaults[kind]);
          }}
        />
      </Row>
      {task.kind === 'detection' && (
        <Row label="Head">
          <Choice
            label="Detection head"
            value={task.head}
            options={heads}
            onChange={(head) => setTask({ ...task, head })}
          />
        </Row>
      )}
      {task.kind === 'keypoints' && (
        <Row label="Head">
          <Choice
            label="Key point head"
            value={task.head}
            options={keypointHeads}
            onChange={(head) => setTask({ ...task, head })}
          />
        </Row>
      )}
      {(task.kind === 'detection' || task.kind === 'instances') && (
        <Row label="Overlap ≤">
          <SliderNumber
            label="Largest overlap of two boxes"
            value={task.iouThreshold}
            min={0}
            max={1}
            step={0.01}
            onChange={(iouThreshold) => setTask({ ...task, iouThreshold })}
          />
        </Row>
      )}
      {task.kind === 'image' && (
        <Row label="Channel" note="Where there are more than a picture has: the first one shown.">
          <NumberField
            label="First channel"
            value={task.channel}
            min={0}
            max={4095}
            onCommit={(channel) => setTask({ ...task, channel: Math.round(channel ?? 0) })}
          />
        </Row>
      )}
    </>
  );
}

/** What a person turns while watching. */
export function TaskControls({ task, setTask }: Of<Task>) {
  switch (task.kind) {
    case 'detection':
    case 'instances':
    case 'keypoints':
    case 'sound':
      return (
        <>
          {task.kind === 'sound' && (
            <Row label="Show">
              <Segmented
                label="What is shown of the sound"
                value={task.show}
                options={[
                  { value: 'activity', label: 'Activity' },
                  { value: 'spectrum', label: 'Spectrum' },
                ]}
                onChange={(show) => setTask({ ...task, show })}
              />
            </Row>
          )}
          <Row label="Score ≥">
            <SliderNumber
              label="Smallest score"
              value={task.scoreThreshold}
              min={0}
              max={1}
              step={0.01}
              onChange={(scoreThreshold) => setTask({ ...task, scoreThreshold })}
            />
          </Row>
        </>
      );
    case 'segmentation':
      return (
        <Row
          label="Class 0"
          note={task.background ? 'It is the background and is not painted.' : 'It is an object like the others.'}
        >
          <Toggle
            label="Class 0 is the background"
            checked={task.background}
            onChange={(background) => setTask({ ...task, background })}
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
              onCommit={(topK) => setTask({ ...task, topK: Math.round(topK ?? 5) })}
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
              onChange={(softmax) => setTask({ ...task, softmax })}
            />
          </Row>
        </>
      );
    case 'image':
      return (
        <>
          <Row label="Show">
            <Segmented
              label="How the output is shown"
              value={task.show}
              options={[
                { value: 'picture', label: 'Picture' },
                { value: 'ramp', label: 'Depth' },
              ]}
              onChange={(show) => setTask({ ...task, show })}
            />
          </Row>
          {task.show === 'picture' && (
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
                onChange={(range) => setTask({ ...task, range })}
              />
            </Row>
          )}
        </>
      );
    case 'tensors':
      return undefined;
    default:
      return assertNever(task);
  }
}
