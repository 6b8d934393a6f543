/** Each kind of source in words: its name, what it is, and what to do while it is not open. */
import type { SourceKind } from '../core/settings.ts';

interface KindWords {
  readonly label: string;
  readonly note: string;
  readonly idle: string;
}

export const kindWords: Readonly<Record<SourceKind, KindWords>> = {
  scene: { label: 'Synthetic scene', note: 'Moving shapes at any rate; needs nothing else.', idle: '' },
  camera: {
    label: 'Camera',
    note: 'A camera of this machine; the browser asks first.',
    idle: 'Start opens the camera; the browser asks first.',
  },
  screen: {
    label: 'Screen',
    note: 'A screen, window or tab; the browser asks which.',
    idle: 'Start asks which screen, window or tab.',
  },
  video: {
    label: 'Video file',
    note: 'Decoded in the worker; it waits for the model.',
    idle: 'Drop a video on the page, or choose one.',
  },
  images: {
    label: 'Image files',
    note: 'Pictures or .npy arrays of this computer; they wait.',
    idle: 'Drop pictures or a folder on the page, or choose them.',
  },
  websocket: {
    label: 'WebSocket',
    note: 'One message is one image or .npy array.',
    idle: 'Connect opens the address.',
  },
  mjpeg: {
    label: 'MJPEG over HTTP',
    note: 'The stream of a network camera.',
    idle: 'Connect opens the address.',
  },
  audio: {
    label: 'Sound',
    note: 'Microphone or sound file, for models that hear.',
    idle: 'Start opens it; for a microphone the browser asks first.',
  },
  files: {
    label: 'Bytes of files',
    note: 'Any files, for models that look at bytes.',
    idle: 'Choose the files to read.',
  },
  nats: {
    label: 'NATS queue',
    note: 'This tab is a worker of a JetStream stream.',
    idle: 'Connect joins the queue as a worker.',
  },
  rabbitmq: {
    label: 'RabbitMQ queue',
    note: 'This tab is a worker, over the plugin Web STOMP.',
    idle: 'Connect joins the queue as a worker.',
  },
  constant: {
    label: 'Constant',
    note: 'One value in every place: the model alone, without pictures.',
    idle: '',
  },
};

export const kindsInOrder = Object.keys(kindWords) as readonly SourceKind[];
