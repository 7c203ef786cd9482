/**
 * `npm run doctor`: asks everything that a call depends on whether it is as it should be. Exit codes:
 * 0 calls can be served, 1 something failed, 2 the command line is wrong.
 */
import { allChecks } from './doctor/all-checks.ts';
import type { CheckContext } from './doctor/check.ts';
import { twilioNumber } from './doctor/checks/twilio-number.ts';
import { confirm } from './doctor/confirm.ts';
import { type DoctorArguments, doctorArguments, USAGE } from './doctor/doctor-arguments.ts';
import { type DoctorReport, doctorReport, exitCode, reportTable } from './doctor/doctor-report.ts';
import { fixNumber } from './doctor/fix-number.ts';
import { type CheckResult, runCheck, runChecks } from './doctor/run-checks.ts';
import { usableSettings } from './doctor/usable-settings.ts';
import { UsageError } from './usage-error.ts';

/** What a check has left behind, such as a socket that nobody closes, is not waited for. */
const LINGER_MS = 250;

try {
  const args = doctorArguments(process.argv.slice(2));
  process.exitCode = args.help ? help() : await doctor(args);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
setTimeout(() => process.exit(), LINGER_MS).unref();

function help(): 0 {
  console.log(USAGE);
  return 0;
}

async function doctor(args: DoctorArguments): Promise<0 | 1> {
  const context = contextOf(args);
  const findings = await runChecks(allChecks, context);
  const report = args.fix
    ? await afterFixing(findings, context, args)
    : print(doctorReport(findings), args);
  return exitCode(report);
}

/** Of JSON there is one document, at the end; people see first why they would set something. */
async function afterFixing(
  findings: readonly CheckResult[],
  context: CheckContext,
  args: DoctorArguments,
): Promise<DoctorReport> {
  const before = doctorReport(findings);
  if (!args.json) print(before, args);
  const isChanged = await fixNumber(context, {
    say: args.json ? console.error : console.log,
    confirm: args.yes ? async () => true : confirm,
  });
  if (!isChanged) return args.json ? print(before, args) : before;
  const anew = await runCheck(twilioNumber, context);
  const after = findings.map((finding) => (finding.check === anew.check ? anew : finding));
  return print(doctorReport(after), args);
}

function print(report: DoctorReport, { json }: DoctorArguments): DoctorReport {
  console.log(json ? JSON.stringify(report, null, 2) : `${reportTable(report)}\n`);
  return report;
}

function contextOf({ number }: DoctorArguments): CheckContext {
  const { env } = process;
  const nodeVersion = process.versions.node;
  const directory = process.cwd();
  return { env, settings: usableSettings(env), directory, nodeVersion, number };
}
