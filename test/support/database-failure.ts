import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { DatabaseError, type DatabaseProblem } from '../../src/journal/database.ts';

/** The error with which it was refused; fails if it was done, or refused for another reason. */
export async function failure(
  promise: Promise<unknown>,
  kind: DatabaseProblem,
): Promise<DatabaseError> {
  const error = await promise.then(
    () => assert.fail(`expected "${kind}", it was done`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatabaseError, inspect(error));
  assert.equal(error.kind, kind, error.message);
  return error;
}
