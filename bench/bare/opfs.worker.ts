/** Bytes written to the private file system as plainly as it goes: chunks of a megabyte, one flush. */

/** Not in the types of every thread. */
interface Writable {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array, options: { at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

const chunkBytes = 1 << 20;

self.onmessage = async ({ data }: MessageEvent<ArrayBuffer>) => {
  const bytes = new Uint8Array(data);
  const root = await navigator.storage.getDirectory();
  const started = performance.now();
  const handle = await root.getFileHandle('bare', { create: true });
  const access = await (handle as FileSystemFileHandle & Writable).createSyncAccessHandle();
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) access.write(bytes.subarray(at, at + chunkBytes), { at });
  access.flush();
  access.close();
  const ms = performance.now() - started;
  await root.removeEntry('bare');
  self.postMessage(ms);
};
