/** The one list of sources: a new one costs a file, a test and a line here. */
import type { Observable } from 'rxjs';
import type { Settings, SourceKind } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import type { WorkKind } from '../core/work.ts';
import { createCamera } from './camera.ts';
import { createConstant } from './constant.ts';
import type { DeviceFeed } from './device.ts';
import { createFiles } from './files.ts';
import { createImages } from './images.ts';
import { createLazy } from './lazy.ts';
import type { Place } from './place.ts';
import { createScene } from './scene.ts';
import { createVideo } from './video.ts';
import { createWebSocketSource } from './websocket.ts';

type SourceSettings = Settings['source'];

/** What sources need from outside the worker. */
export interface SourceHost {
  /** Our own demo feed, used when no address is given. */
  readonly feedUrl: string;
  /** What the person chose last; a new choice opens the source again. */
  files(): readonly File[];
  /** How far those files were worked off before a pause. */
  readonly place: Place;
  acquireFrames(
    device: 'camera' | 'screen',
    wish: SourceSettings,
    signal: AbortSignal,
  ): Promise<DeviceFeed<VideoFrame>>;
  acquireSound(wish: SourceSettings, signal: AbortSignal): Promise<DeviceFeed<AudioData>>;
}

export interface SourceEntry {
  /** Settings whose change needs a new opening; all others act live or not at all. */
  readonly reopenOn: readonly (keyof SourceSettings)[];
  create(
    settings$: Observable<SourceSettings>,
    current: SourceSettings,
    host: SourceHost,
    context: SourceContext,
  ): Source;
}

/** Work queues are in `brokers/`. */
export const sources: Readonly<Record<Exclude<SourceKind, WorkKind>, SourceEntry>> = {
  scene: {
    reopenOn: ['kind'],
    create: (settings$, _current, _host, context) => createScene(settings$, context),
  },
  camera: {
    reopenOn: ['kind', 'deviceId', 'width', 'height'],
    create: (_settings$, current, host, context) =>
      createCamera((signal) => host.acquireFrames('camera', current, signal), { regular: true }, context),
  },
  screen: {
    reopenOn: ['kind'],
    create: (_settings$, current, host, context) =>
      createCamera((signal) => host.acquireFrames('screen', current, signal), { regular: false }, context),
  },
  video: {
    reopenOn: ['kind'],
    create: (settings$, _current, host, context) => createVideo(host.files()[0], settings$, host.place, context),
  },
  images: {
    reopenOn: ['kind'],
    create: (settings$, _current, host, context) => createImages(host.files(), settings$, host.place, context),
  },
  websocket: {
    reopenOn: ['kind', 'url', 'protocol'],
    create: (_settings$, current, host, context) => {
      const options = { url: current.url === '' ? host.feedUrl : current.url };
      // Few visitors need them, and the first load is for all.
      if (current.protocol === 'weir.v1')
        return createLazy(async () => (await import('./weirV1.ts')).createWeirV1(options, context), context);
      if (current.protocol === 'stream')
        return createLazy(
          async () => (await import('./websocketStream.ts')).createWebSocketStream(options, context),
          context,
        );
      return createWebSocketSource(options, context);
    },
  },
  mjpeg: {
    reopenOn: ['kind', 'url'],
    create: (_settings$, { url }, _host, context) =>
      createLazy(async () => (await import('./mjpeg.ts')).createMjpeg({ url }, context), context),
  },
  audio: {
    reopenOn: ['kind', 'input', 'deviceId', 'sampleRate', 'windowSamples', 'contextSamples'],
    create: (settings$, current, host, context) =>
      current.input === 'file'
        ? createLazy(async () => {
            const { createSoundFile } = await import('./soundFile.ts');
            return createSoundFile(host.files()[0], settings$, current, host.place, context);
          }, context)
        : createLazy(
            async () => {
              const { createMicrophone } = await import('./microphone.ts');
              return createMicrophone((signal) => host.acquireSound(current, signal), current, context);
            },
            context,
            false,
          ),
  },
  files: {
    reopenOn: ['kind'],
    create: (settings$, _current, host, context) => createFiles(host.files(), settings$, host.place, context),
  },
  constant: {
    reopenOn: ['kind'],
    create: (settings$, _current, _host, context) => createConstant(settings$, context),
  },
};
