/** SHA-256 over pieces, for what never lies in memory as a whole; WebCrypto hashes whole buffers only. */

export interface Hash {
  update(bytes: Uint8Array): void;
  /** Hex. */
  digest(): string;
}

export async function createHash(): Promise<Hash> {
  const { createSHA256 } = await import('hash-wasm');
  const hasher = (await createSHA256()).init();
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => hasher.digest('hex'),
  };
}
