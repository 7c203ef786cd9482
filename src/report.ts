/**
 * `npm run report`: figures of the calls of a period. Exit codes: 0 done, 1 the database could not be
 * read, 2 the command line or the environment is wrong.
 */
import { DatabaseError } from './journal/database.ts';
import type { CallReport } from './report/call-report.ts';
import { openRecords } from './report/open-records.ts';
import { readReport } from './report/read-report.ts';
import { type ReportArguments, readReportArguments } from './report/report-arguments.ts';
import { reportCsv, reportTable } from './report/report-text.ts';
import { UsageError } from './usage-error.ts';

try {
  const options = readReportArguments(process.argv.slice(2), Date.now());
  process.stdout.write(written(await report(options), options));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof DatabaseError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function report({ period }: ReportArguments): Promise<CallReport> {
  const database = await openRecords(process.env);
  try {
    return await readReport(database, period);
  } finally {
    await database.close();
  }
}

function written(report: CallReport, { format, described }: ReportArguments): string {
  if (format === 'csv') return reportCsv(report);
  if (format === 'json')
    return `${JSON.stringify({ period: described, ...report }, undefined, 2)}\n`;
  return reportTable(report, described);
}
