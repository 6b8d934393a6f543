/** What the client of NATS throws, as sentences of Weir. */
import {
  AuthorizationError,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  TimeoutError,
  UserAuthenticationExpiredError,
} from '@nats-io/nats-core';
import { type ErrorCode, messageOf, WeirError } from '../core/errors.ts';

export function natsError(thrown: unknown, url: string, otherwise: ErrorCode = 'connection-refused'): WeirError {
  if (thrown instanceof WeirError) return thrown;
  const host = URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
  const cause = thrown instanceof RequestError && thrown.cause !== undefined ? thrown.cause : thrown;
  const details = messageOf(thrown).slice(0, 300);
  if (cause instanceof AuthorizationError || cause instanceof UserAuthenticationExpiredError)
    return new WeirError('auth-failed', `${host} did not take these credentials.`, { details });
  if (cause instanceof PermissionViolationError) {
    const verb = cause.operation === 'publish' ? 'publish on' : 'subscribe to';
    return new WeirError(
      'permission-denied',
      `${host} does not let this user ${verb} ${cause.subject.slice(0, 100)}.`,
      {
        details,
      },
    );
  }
  if (cause instanceof NoRespondersError || (thrown instanceof RequestError && thrown.isNoResponders()))
    return new WeirError('bad-settings', `${host} has no JetStream for this user.`, { details });
  if (cause instanceof TimeoutError)
    return new WeirError('connection-lost', `${host} did not answer in time.`, { details });
  return otherwise === 'connection-lost'
    ? new WeirError('connection-lost', `The connection to ${host} was lost.`, { details })
    : new WeirError(
        'connection-refused',
        `No NATS server answers at ${host}, or it does not list the origin of this page among its allowed origins.`,
        { details },
      );
}
