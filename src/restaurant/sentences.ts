import type { ClipName } from '../../machines/call-protocol.ts';

/** Sentences that every call may need, rendered to audio when the server starts. */
export function sentences(options: {
  name: string;
  greeting: string | undefined;
}): Record<ClipName, string> {
  return {
    greeting:
      options.greeting ??
      `Thank you for calling ${options.name}. This is the automatic assistant. How can I help you?`,
    filler: 'One moment, please.',
    patience: 'Sorry, this is taking a little longer than usual. Please stay with me.',
    apology: 'Sorry, I did not get that. Could you say it again, please?',
    reprompt: 'Are you still there?',
    goodbye: 'I will end the call now. Thank you for calling. Goodbye.',
    outOfTime: 'I am sorry, we have reached the time limit for this call. Thank you, and goodbye.',
    handoff: 'One moment, I will connect you with a colleague.',
    nobodyThere:
      'I am sorry, nobody can take over the call just now. Please leave a message after the tone.',
  };
}
