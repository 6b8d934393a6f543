/** The one list of sources: a new one costs a file, a test and a line here. */
import type { Observable } from 'rxjs';
import type { Settings, SourceKind } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { type CameraFeed, createCamera } from './camera.ts';
import { createImages } from './images.ts';
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
  acquireCamera(wish: SourceSettings, signal: AbortSignal): Promise<CameraFeed>;
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

export const sources: Readonly<Record<SourceKind, SourceEntry>> = {
  scene: {
    reopenOn: ['kind'],
    create: (settings$, _current, _host, context) => createScene(settings$, context),
  },
  camera: {
    reopenOn: ['kind', 'deviceId', 'width', 'height'],
    create: (_settings$, current, host, context) =>
      createCamera((signal) => host.acquireCamera(current, signal), context),
  },
  video: {
    reopenOn: ['kind'],
    create: (settings$, _current, host, context) => createVideo(host.files()[0], settings$, context),
  },
  images: {
    reopenOn: ['kind'],
    create: (settings$, _current, host, context) => createImages(host.files(), settings$, context),
  },
  websocket: {
    reopenOn: ['kind', 'url'],
    create: (_settings$, current, host, context) =>
      createWebSocketSource({ url: current.url === '' ? host.feedUrl : current.url }, context),
  },
};
