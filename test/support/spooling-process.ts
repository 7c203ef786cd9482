/**
 * A process whose database is away: writes so many entries of a call, says "spooled" once all are on
 * the disk, and goes on until it is killed.
 */
import pino from 'pino';
import { type Database, DatabaseError } from '../../src/journal/database.ts';
import { Journal } from '../../src/journal/journal.ts';
import { eventRow } from './journal-rows.ts';

const [directory = '', callSid = '', entries = '0'] = process.argv.slice(2);
const away: Pick<Database, 'serially'> = {
  serially: () => Promise.reject(new DatabaseError('unavailable', 'expected it to be up')),
};
const journal = new Journal(away as Database, { directory, log: pino({ level: 'silent' }) });
journal.write({ kind: 'call', callSid, fields: { turns: Number(entries) } });
for (let seq = 0; seq < Number(entries); seq += 1) {
  journal.write({ kind: 'event', row: eventRow({ call_sid: callSid, seq }) });
}
const look = () => {
  if (journal.state.pending === 0) console.log('spooled');
  else setTimeout(look, 5);
};
look();
