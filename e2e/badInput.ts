/** A bad input that Weir promises to survive, as the tests' tables list it: its code, and what a person reads of it. */
import type { ErrorCode } from '../src/core/errors.ts';

export interface BadInput {
  readonly name: string;
  readonly code: ErrorCode;
  /** As it stands on the page. */
  readonly says: string | RegExp;
}
