/** Opens cameras for the pipeline worker, which cannot; each request has an id and at most one camera. */
import { WeirError } from '../core/errors.ts';
import type { FromPipeline, ToPipeline } from './protocol.ts';
import { openCamera, type PageCamera } from '../sources/camera.page.ts';

export interface CameraHost {
  open(request: FromPipeline & { kind: 'openCamera' }): void;
  close(id: number): void;
}

export function createCameraHost(send: (message: ToPipeline, transfer?: Transferable[]) => void): CameraHost {
  const open = new Map<number, PageCamera>();
  const closed = new Set<number>();
  const fail = (id: number, error: unknown) =>
    send({ kind: 'cameraFailed', id, error: WeirError.wrap(error, 'device-gone').toData() });
  return {
    open(request) {
      openCamera(request, (error) => fail(request.id, error)).then(
        (camera) => {
          // Given up while the person was still being asked.
          if (closed.has(request.id)) {
            camera.stop();
            return;
          }
          open.set(request.id, camera);
          const { readable, facts } = camera;
          send({ kind: 'cameraOpened', id: request.id, readable, facts }, [readable]);
        },
        (error: unknown) => fail(request.id, error),
      );
    },
    close(id) {
      closed.add(id);
      open.get(id)?.stop();
      open.delete(id);
    },
  };
}

export { listCameras } from '../sources/camera.page.ts';
