/** Cameras and microphones of this machine by name, for the pickers; only the page may ask for them. */
import type { MediaDevice } from '../core/commands.ts';

/** Names are empty until the person has allowed a device once; they are numbered then. */
export async function listDevices(): Promise<MediaDevice[]> {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const of = (kind: MediaDevice['kind'], browsers: MediaDeviceKind, word: string) =>
    found
      .filter((device) => device.kind === browsers)
      .map(({ deviceId, label }, i): MediaDevice => ({ kind, deviceId, label: label || `${word} ${i + 1}` }));
  return [...of('camera', 'videoinput', 'Camera'), ...of('microphone', 'audioinput', 'Microphone')];
}
