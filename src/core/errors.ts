/** The one error class of Weir and the list of its codes. The message says what happened; `ui/` adds what to do. */

export const errorCodes = [
  'not-a-model',
  'lfs-pointer',
  'unsupported-opset',
  'unsupported-operator',
  'missing-external-data',
  'bad-external-path',
  'too-large',
  'out-of-memory',
  'cannot-feed',
  'model-hangs',
  'bad-output',
  'device-lost',
  'no-webgpu',
  'not-isolated',
  'permission-denied',
  'device-busy',
  'device-gone',
  'cannot-decode',
  'connection-refused',
  'connection-lost',
  'auth-failed',
  'bad-settings',
  'cancelled',
  'storage-full',
  'changed-file',
  'not-kept',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** An error as plain data: what crosses a thread boundary. */
export interface WeirErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  /** Raw words of the library below, for "Copy details". */
  readonly details?: string;
}

export class WeirError extends Error {
  readonly code: ErrorCode;
  readonly details: string | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WeirError';
    this.code = code;
    this.details = options.details ?? (options.cause === undefined ? undefined : messageOf(options.cause));
  }

  toData(): WeirErrorData {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details };
  }

  static fromData(data: WeirErrorData): WeirError {
    return new WeirError(data.code, data.message, data.details === undefined ? {} : { details: data.details });
  }

  /** Any thrown thing as a WeirError; `code` and `message` are used when it is not one already. */
  static wrap(thrown: unknown, code: ErrorCode, message = messageOf(thrown)): WeirError {
    return thrown instanceof WeirError ? thrown : new WeirError(code, message, { cause: thrown });
  }
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
