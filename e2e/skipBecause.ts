/** Skips the test that calls it and prints why, because the list of tests shows only that it was skipped. */
import { test } from '@playwright/test';

export function skipBecause(reason: string | undefined): void {
  if (reason !== undefined) console.log(`Skipped: ${test.info().title}: ${reason}`);
  test.skip(reason !== undefined, reason);
}
