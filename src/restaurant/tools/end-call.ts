import { z } from 'zod';
import { tool } from '../tool.ts';
import { accepted } from '../tool-answer.ts';

export const endCall = tool({
  name: 'end_call',
  description: 'End the call, once the caller has nothing more to ask.',
  schema: z.strictObject({}),
  async run() {
    return accepted('Say goodbye.', {}, { type: 'endCall' });
  },
});
